package dev.millrace.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Seeded events of a few users: in and out of order, twice, late, and broken. */
final class Shop {

  private static final List<String> TYPES =
      List.of("login", "view", "purchase", "login_failed", "logout");

  private final Random random;
  private final List<String> sent = new ArrayList<>();
  private int number;

  Shop(long seed) {
    this.random = new Random(seed);
  }

  void sendTo(ServedLake lake, int events) {
    for (int i = 0; i < events; i++) {
      String user = "user-" + (int) Math.floor(12 * Math.pow(random.nextDouble(), 2));
      if (!sent.isEmpty() && random.nextInt(20) == 0) {
        String again = sent.get(random.nextInt(sent.size()));
        lake.send(again.replaceAll(".*\"user_id\":\"([^\"]*)\".*", "$1"), again);
        continue;
      }
      if (random.nextInt(25) == 0) {
        lake.send(user, random.nextBoolean() ? "{\"user_id\":\"" + user + "\"" : "no json");
        continue;
      }
      String event = event(user);
      sent.add(event);
      lake.send(user, event);
    }
  }

  private String event(String user) {
    number++;
    Instant time = ServedLake.START.plusSeconds(number * 37L - random.nextInt(4) * 900L);
    String type = TYPES.get(random.nextInt(TYPES.size()));
    String value =
        random.nextInt(3) == 0 ? String.format(Locale.ROOT, "%.2f", random.nextDouble() * 90) : "1";
    return "{\"user_id\":\"%s\",\"event_id\":\"e-%d\",\"event_time\":\"%s\",\"event_type\":\"%s\",\"product_id\":\"p-%d\",\"country\":\"%s\",\"email\":\"a%d@example.com\",\"value\":%s,\"extra\":{\"a\":%d}}"
        .formatted(
            user,
            number,
            time,
            type,
            random.nextInt(9),
            random.nextBoolean() ? "DE" : "FR",
            random.nextInt(5),
            value,
            random.nextInt(3));
  }
}
