package dev.millrace.batch.gold;

import dev.millrace.batch.ServedLake;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;

/**
 * Seeded events of a few users: out of order, many at the same time, refunds before their orders,
 * ids of orders as text, as numbers and none at all, several currencies and none.
 */
final class Sales {

  private static final List<String> TYPES =
      List.of(
          "login",
          "login_failed",
          "signup",
          "browsing",
          "add_to_cart",
          "checkout",
          "purchase",
          "purchase",
          "logout_with_purchase",
          "refund",
          "chargeback");
  private static final List<String> PLACES = List.of("DE", "FR", "東京", "Ł");

  private final Random random;
  private int number;

  Sales(long seed) {
    this.random = new Random(seed);
  }

  ServedLake sendTo(ServedLake lake, int events) {
    for (int i = 0; i < events; i++) {
      String user = (random.nextInt(6) == 0 ? "User-" : "user-") + random.nextInt(6);
      lake.send(user, event(user));
    }
    return lake;
  }

  private String event(String user) {
    number++;
    StringJoiner event = new StringJoiner(",", "{", "}");
    String type = TYPES.get(random.nextInt(TYPES.size()));
    // To the hour, so that several come at one time.
    Instant time = ServedLake.START.plusSeconds(random.nextInt(40) * 3_600L / 2);
    text(event, "user_id", user);
    text(event, "event_id", "e-" + number);
    text(event, "event_time", time.toString());
    text(event, "event_type", type);
    for (String place : List.of("country", "region", "city")) {
      maybe(event, place, PLACES.get(random.nextInt(PLACES.size())));
    }
    maybe(event, "device_id", "d-" + random.nextInt(3));
    maybe(event, "email", "a" + random.nextInt(4) + "@example.com");
    maybe(event, "phone", "+4930231250" + (10 + random.nextInt(3)));
    maybe(event, "product_id", "p-" + random.nextInt(7));
    maybe(event, "product_category", "c-" + random.nextInt(3));
    maybe(event, "currency", List.of("EUR", " usd ").get(random.nextInt(2)));
    event.add("\"value\":" + random.nextInt(3) + "." + random.nextInt(100));
    if (random.nextBoolean()) {
      event.add("\"quantity\":" + random.nextInt(4));
    }
    if (random.nextInt(3) == 0) {
      event.add("\"duration\":" + random.nextInt(90));
    }
    if (random.nextInt(3) == 0) {
      event.add("\"total_price_of_basket_micros\":" + random.nextInt(9_000_000));
    }
    switch (random.nextInt(5)) {
      case 0 -> {}
      case 1 -> event.add("\"order_id\":" + random.nextInt(5));
      case 2 -> text(event, "order_id", "o".repeat(250 + 5 * random.nextInt(3)));
      default -> text(event, "order_id", "o-" + random.nextInt(5));
    }
    return event.toString();
  }

  private void maybe(StringJoiner event, String name, String value) {
    if (random.nextInt(3) > 0) {
      text(event, name, value);
    }
  }

  private static void text(StringJoiner event, String name, String value) {
    event.add("\"" + name + "\":\"" + value + "\"");
  }
}
