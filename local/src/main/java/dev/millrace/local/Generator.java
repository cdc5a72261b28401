package dev.millrace.local;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/**
 * A day of a small web shop, as JSON lines in Millrace's own field names: sessions with logins,
 * browsing and purchases, a few of them late, some lines twice and some broken. The same seed gives
 * the same lines.
 */
final class Generator {

  /**
   * What was made, and what a correct pipeline must make of it.
   *
   * @param lines in the order in which they are sent
   * @param duplicates how many of them repeat an earlier one
   * @param broken how many of them can't pass
   */
  record Events(List<String> lines, int duplicates, int broken) {
    Events {
      lines = List.copyOf(lines);
    }

    /** As they are sent. */
    Iterator<byte[]> bytes() {
      return lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).iterator();
    }

    int clean() {
      return lines.size() - duplicates - broken;
    }
  }

  /** The source mapping that reads the lines. */
  static final String SOURCE = "default";

  private static final int DUPLICATES_PER_THOUSAND = 20;
  private static final int BROKEN_PER_THOUSAND = 10;
  private static final double LATE_SHARE = 0.01;
  private static final int EVENTS_PER_USER = 10;

  /** Past on any clock, so that no event is from the future; fixed, so that scores repeat. */
  private static final Instant DAY = Instant.parse("2026-01-05T00:00:00Z");

  private static final List<String> COUNTRIES =
      List.of("DE", "DE", "DE", "FR", "FR", "GB", "IT", "NL", "PL", "US");
  private static final List<String> CATEGORIES =
      List.of("Food", "Toys", "Electronics", "Clothes", "Books", "Garden");

  /** A line and its place among the others; copies and late ones stand between them. */
  private record Placed(double place, String line) {}

  private final Random random;
  private final String userPrefix;
  private final int users;

  private Generator(long seed, String userPrefix, int users) {
    this.random = new Random(seed);
    this.userPrefix = userPrefix;
    this.users = users;
  }

  /**
   * Makes lines of several hundred users.
   *
   * @param total number of lines, copies and broken ones included
   * @param userPrefix what user ids begin with; changes nothing else
   */
  static Events generate(long seed, int total, String userPrefix) {
    return new Generator(seed, userPrefix, Math.max(1, total / EVENTS_PER_USER)).events(total);
  }

  private Events events(int total) {
    int duplicates = total * DUPLICATES_PER_THOUSAND / 1_000;
    int broken = total * BROKEN_PER_THOUSAND / 1_000;
    List<Placed> sent = placed(regular(total - duplicates - broken));
    int regular = sent.size();
    for (int i = 0; i < duplicates; i++) {
      Placed original = sent.get(random.nextInt(regular));
      sent.add(new Placed(original.place() + 0.1 + random.nextInt(200), original.line()));
    }
    for (int i = 0; i < broken; i++) {
      sent.add(new Placed(random.nextInt(regular) + 0.2, brokenLine(i)));
    }
    List<String> lines =
        sent.stream().sorted(Comparator.comparingDouble(Placed::place)).map(Placed::line).toList();
    return new Events(lines, duplicates, broken);
  }

  /** In the order of their times, but for the late ones. */
  private List<Placed> placed(List<ObjectNode> events) {
    List<Placed> placed = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      double delay = random.nextDouble() < LATE_SHARE ? 0.5 + random.nextInt(50) : 0;
      placed.add(
          new Placed(i + delay, events.get(i).put("event_id", "e-%06d".formatted(i)).toString()));
    }
    return placed;
  }

  private List<ObjectNode> regular(int count) {
    List<ObjectNode> events = new ArrayList<>();
    for (int session = 0; events.size() < count; session++) {
      addSession(session, events);
    }
    return events.subList(0, count).stream()
        .sorted(Comparator.comparing(event -> event.get("event_time").textValue()))
        .toList();
  }

  private void addSession(int session, List<ObjectNode> events) {
    // Squared, so that few users do much and many do little.
    double skewed = random.nextDouble();
    int user = (int) (users * skewed * skewed);
    Instant start = DAY.plusSeconds(random.nextInt(86_400));
    Instant time = start;
    String sessionId = "s-%05d".formatted(session);

    int failures = random.nextInt(20) == 0 ? 3 : 0;
    for (int i = 0; i < failures; i++) {
      events.add(event(user, sessionId, time, "login_failed"));
      time = later(time, 15);
    }
    events.add(event(user, sessionId, time, "login"));
    for (int steps = 1 + random.nextInt(10); steps > 0; steps--) {
      time = later(time, 90);
      String type = random.nextInt(4) == 0 ? "add_to_cart" : "browsing";
      events.add(withProduct(event(user, sessionId, time, type)));
    }
    if (random.nextInt(10) < 4) {
      time = later(time, 120);
      events.add(withPayment(withProduct(event(user, sessionId, time, "purchase"))));
    }
    time = later(time, 60);
    events.add(
        event(user, sessionId, time, "logout")
            .put("duration", Duration.between(start, time).toSeconds()));
  }

  private Instant later(Instant time, int upToSeconds) {
    return time.plusMillis(1_000 + random.nextInt(upToSeconds * 1_000));
  }

  private ObjectNode event(int user, String sessionId, Instant time, String type) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("user_id", userPrefix + user)
        .put("event_time", "%s".formatted(time))
        .put("event_type", type)
        .put("session_id", sessionId)
        .put("device_id", "d-%d-%d".formatted(user, random.nextInt(3)))
        .put("ip", "10.%d.%d.%d".formatted(user / 250 % 250, user % 250, 1 + random.nextInt(5)))
        .put("country", COUNTRIES.get(user % COUNTRIES.size()));
  }

  private ObjectNode withProduct(ObjectNode event) {
    int product = random.nextInt(300);
    return event
        .put("product_id", "p-%03d".formatted(product))
        .put("product_category", CATEGORIES.get(product % CATEGORIES.size()));
  }

  private ObjectNode withPayment(ObjectNode event) {
    int quantity = 1 + random.nextInt(4);
    return event
        .put("quantity", quantity)
        .put("value", BigDecimal.valueOf(quantity * (199L + random.nextInt(20_000)), 2))
        .put("currency", "EUR");
  }

  private String brokenLine(int i) {
    ObjectNode event =
        event(random.nextInt(users), "s-broken", DAY, "login").put("event_id", "broken-" + i);
    return switch (i % 4) {
      case 0 -> event.toString().substring(0, 40);
      case 1 -> event.without(List.of("user_id")).toString();
      case 2 -> event.put("event_time", "yesterday").toString();
      default -> event.put("event_time", "2099-01-01T00:00:00Z").toString();
    };
  }
}
