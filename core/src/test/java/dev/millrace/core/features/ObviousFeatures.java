package dev.millrace.core.features;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventField;
import dev.millrace.core.LogScale;
import dev.millrace.core.Micros;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** The obvious twin of {@link EveryOperation}: all events in a list, a loop for every reading. */
final class ObviousFeatures {

  private static final LogScale SIXTEENTHS = new LogScale(4);

  /** An event, with what is asked of it at hand. */
  private record Seen(
      long time,
      String type,
      Long value,
      Long quantity,
      String country,
      String product,
      Double rating,
      Boolean member) {

    boolean isPurchase() {
      return type.equals("purchase");
    }
  }

  private final List<Seen> events = new ArrayList<>();
  private final List<Seen> inSessions = new ArrayList<>();
  private final List<Seen> inBuyingSessions = new ArrayList<>();
  private final List<Seen> recentBuys = new ArrayList<>();
  private final List<Seen> secondBuys = new ArrayList<>();
  private final List<Seen> recentlyCompleting = new ArrayList<>();
  private final List<Seen> steps = new ArrayList<>();
  private final List<Seen> completing = new ArrayList<>();
  private long watermark = Long.MIN_VALUE;

  private static Seen seen(CleanEvent event) {
    return new Seen(
        Micros.of(event.eventTime()),
        event.eventType(),
        event.content().number(EventField.VALUE_MICROS),
        event.content().number(EventField.QUANTITY),
        event.content().text(EventField.COUNTRY),
        event.content().text(EventField.PRODUCT_ID),
        (Double) event.content().value("rating"),
        (Boolean) event.content().value("member"));
  }

  List<Object> fold(CleanEvent event) {
    Seen newest = seen(event);
    Long since = since(newest.time(), any -> true);
    Long sincePurchase = since(newest.time(), Seen::isPurchase);
    watermark = Math.max(watermark, newest.time());
    events.add(newest);
    followSessions(inSessions, newest, true);
    followSessions(inBuyingSessions, newest, newest.isPurchase());
    followPattern(newest);
    followBuys(newest);
    return values(newest.time(), since, sincePurchase);
  }

  List<Object> at(long time) {
    return values(time, since(time, any -> true), since(time, Seen::isPurchase));
  }

  private Long since(long time, Predicate<Seen> which) {
    Long latest = null;
    for (Seen event : events) {
      if (which.test(event) && (latest == null || event.time() > latest)) {
        latest = event.time();
      }
    }
    return latest == null ? null : (Long) Math.max(0, time - latest);
  }

  private List<Object> values(long time, Long since, Long sincePurchase) {
    List<Object> values = new ArrayList<>();
    List<List<Seen>> windows = new ArrayList<>();
    List<List<Seen>> patterns = new ArrayList<>();
    for (Duration window : EveryOperation.WINDOWS) {
      windows.add(inTime(in(events, window, time)));
      patterns.add(in(completing, window, time));
    }
    tell(values, windows);
    for (List<Seen> completed : patterns) {
      values.add((long) completed.size());
    }
    tell(values, List.of(inTime(events)));
    values.add(wasCompleted(time));
    List<Seen> day = purchases(inTime(in(events, Duration.ofHours(24), time)));
    values.add(first(told(day, Seen::country)));
    values.add(lastFew(told(day, Seen::product)));
    values.add((long) Math.min(EveryOperation.MAX, products(day).size()));
    values.add(estimated(products(day)));
    values.add(p95(day));
    values.add((long) in(secondBuys, Duration.ofHours(24), time).size());
    session(values, inBuyingSessions, time, false);
    values.add(since);
    values.add(sincePurchase);
    session(values, inSessions, time, true);
    double perDay = windows.get(3).size() - 1.0;
    values.add(perDay == 0 ? null : (Double) (windows.get(0).size() / perDay + 0.0));
    return values;
  }

  private static void tell(List<Object> values, List<List<Seen>> windows) {
    windows.forEach(events -> values.add((long) events.size()));
    windows.forEach(events -> values.add((long) purchases(events).size()));
    windows.forEach(events -> values.add(sum(events)));
    windows.forEach(events -> values.add(sum(purchases(events))));
    windows.forEach(events -> values.add(mean(events)));
    windows.forEach(events -> values.add(variance(events)));
    windows.forEach(
        events -> {
          Long min = null;
          for (Seen event : events) {
            if (event.value() != null && (min == null || event.value() < min)) {
              min = event.value();
            }
          }
          values.add(min);
        });
    windows.forEach(
        events -> {
          Long max = null;
          for (Seen event : events) {
            if (event.quantity() != null && (max == null || event.quantity() > max)) {
              max = event.quantity();
            }
          }
          values.add(max);
        });
    windows.forEach(events -> values.add(first(told(events, Seen::country))));
    windows.forEach(events -> values.add(last(told(events, Seen::rating))));
    windows.forEach(events -> values.add(last(told(events, Seen::member))));
    windows.forEach(events -> values.add(lastFew(told(events, Seen::country))));
    windows.forEach(
        events -> values.add((long) Math.min(EveryOperation.MAX, products(events).size())));
    windows.forEach(events -> values.add(estimated(products(events))));
    windows.forEach(events -> values.add(p95(events)));
    windows.forEach(
        events ->
            values.add(
                events.isEmpty()
                    ? null
                    : (Double) ((double) purchases(events).size() / events.size())));
  }

  /** By time, and of one time as they were folded. */
  private static List<Seen> inTime(List<Seen> events) {
    List<Seen> sorted = new ArrayList<>(events);
    sorted.sort(Comparator.comparingLong(Seen::time));
    return sorted;
  }

  private static List<Object> told(List<Seen> events, Function<Seen, Object> what) {
    List<Object> values = new ArrayList<>();
    for (Seen event : events) {
      values.add(what.apply(event));
    }
    return values;
  }

  private static Object first(List<Object> values) {
    for (Object value : values) {
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  private static Object last(List<Object> values) {
    Object last = null;
    for (Object value : values) {
      last = value == null ? last : value;
    }
    return last;
  }

  private static List<Object> lastFew(List<Object> values) {
    List<Object> latestFirst = new ArrayList<>();
    for (int i = values.size() - 1; i >= 0; i--) {
      if (values.get(i) != null && latestFirst.size() < EveryOperation.K) {
        latestFirst.add(values.get(i));
      }
    }
    return latestFirst;
  }

  private static List<Seen> purchases(List<Seen> events) {
    List<Seen> purchases = new ArrayList<>();
    for (Seen event : events) {
      if (event.isPurchase()) {
        purchases.add(event);
      }
    }
    return purchases;
  }

  private static BigInteger exactSum(List<Seen> events) {
    BigInteger sum = BigInteger.ZERO;
    for (Seen event : events) {
      if (event.value() != null) {
        sum = sum.add(BigInteger.valueOf(event.value()));
      }
    }
    return sum;
  }

  private static long sum(List<Seen> events) {
    BigInteger sum = exactSum(events);
    return sum.bitLength() < 64
        ? sum.longValue()
        : sum.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  private static Double mean(List<Seen> events) {
    long count = 0;
    for (Seen event : events) {
      count += event.value() == null ? 0 : 1;
    }
    return count == 0 ? null : (Double) (exactSum(events).doubleValue() / count);
  }

  /** Σ (xᵢ − xⱼ)² over all pairs, divided by n². */
  private static Double variance(List<Seen> events) {
    List<Long> values = new ArrayList<>();
    for (Seen event : events) {
      if (event.quantity() != null) {
        values.add(event.quantity());
      }
    }
    BigInteger spread = BigInteger.ZERO;
    for (int i = 0; i < values.size(); i++) {
      for (int j = 0; j < i; j++) {
        BigInteger difference =
            BigInteger.valueOf(values.get(i)).subtract(BigInteger.valueOf(values.get(j)));
        spread = spread.add(difference.multiply(difference));
      }
    }
    double n = values.size();
    return values.isEmpty() ? null : (Double) (spread.doubleValue() / (n * n));
  }

  private static List<String> products(List<Seen> events) {
    List<String> products = new ArrayList<>();
    for (Seen event : events) {
      if (event.product() != null && !products.contains(event.product())) {
        products.add(event.product());
      }
    }
    return products;
  }

  /** Each product alone in a tile of its own. */
  private static long estimated(List<String> products) {
    HyperLogLog sketch = new HyperLogLog(0);
    short[] all = null;
    for (String product : products) {
      Digest128 digest = CanonicalHash.start().add(product).digest128();
      short[] tile = sketch.fold(null, new FoldedEvent(0, new boolean[0], new Object[] {digest}));
      all = all == null ? tile : sketch.merge(all, tile);
    }
    return sketch.value(all);
  }

  private static Long p95(List<Seen> events) {
    List<Long> values = new ArrayList<>();
    for (Seen event : events) {
      if (event.value() != null) {
        values.add(event.value());
      }
    }
    if (values.isEmpty()) {
      return null;
    }
    values.sort(null);
    int rank = (95 * values.size() + 99) / 100;
    return SIXTEENTHS.middle(SIXTEENTHS.bucketOf(values.get(rank - 1)));
  }

  private List<Seen> in(List<Seen> from, Duration window, long time) {
    long hop = Micros.of(Hop.of(window));
    long length = Micros.of(window);
    long oldest =
        Math.max(Math.floorDiv(time - length, hop), Math.floorDiv(watermark - length, hop));
    long newest = Math.floorDiv(time, hop);
    List<Seen> in = new ArrayList<>();
    for (Seen event : from) {
      long tile = Math.floorDiv(event.time(), hop);
      if (oldest <= tile && tile <= newest) {
        in.add(event);
      }
    }
    return in;
  }

  // Sessions: chains of events, the latest twelve gaps of them

  private void followSessions(List<Seen> kept, Seen newest, boolean isOne) {
    long oldest = watermark - 12 * Micros.of(EveryOperation.GAP);
    for (List<Seen> session : sessions(kept)) {
      if (session.get(session.size() - 1).time() < oldest) {
        kept.removeAll(session);
      }
    }
    if (isOne && newest.time() >= oldest) {
      kept.add(newest);
    }
  }

  private static List<List<Seen>> sessions(List<Seen> kept) {
    List<List<Seen>> sessions = new ArrayList<>();
    long end = Long.MIN_VALUE;
    for (Seen event : inTime(kept)) {
      if (sessions.isEmpty() || event.time() - end > Micros.of(EveryOperation.GAP)) {
        sessions.add(new ArrayList<>());
      }
      sessions.get(sessions.size() - 1).add(event);
      end = event.time();
    }
    return sessions;
  }

  private static void session(
      List<Object> values, List<Seen> kept, long time, boolean withDuration) {
    List<Seen> current = List.of();
    for (List<Seen> session : sessions(kept)) {
      if (session.get(0).time() <= time) {
        current = session;
      }
    }
    if (current.isEmpty()
        || time - current.get(current.size() - 1).time() > Micros.of(EveryOperation.GAP)) {
      values.add(0L);
      if (withDuration) {
        values.add(0L);
      }
    } else {
      values.add((long) current.size());
      if (withDuration) {
        values.add(Math.min(time, current.get(current.size() - 1).time()) - current.get(0).time());
      }
    }
  }

  // The pattern: two failed logins, a view, then a purchase, within ten minutes

  private void followPattern(Seen newest) {
    long within = Micros.of(EveryOperation.WITHIN);
    steps.removeIf(step -> step.time() < watermark - within);
    recentlyCompleting.removeIf(step -> step.time() < watermark - within);
    if (!List.of("login_failed", "view", "purchase").contains(newest.type())) {
      return;
    }
    if (newest.isPurchase()) {
      int failed = 0;
      boolean viewed = false;
      for (Seen step : inTime(steps)) {
        if (step.time() <= newest.time() && newest.time() - step.time() <= within) {
          failed += step.type().equals("login_failed") ? 1 : 0;
          viewed |= step.type().equals("view") && failed >= 2;
        }
      }
      if (viewed) {
        completing.add(newest);
        if (newest.time() >= watermark - within) {
          recentlyCompleting.add(newest);
          if (recentlyCompleting.size() > Op.Sequence.REMEMBERED) {
            recentlyCompleting.remove(inTime(recentlyCompleting).get(0));
          }
        }
      }
    }
    if (newest.time() >= watermark - within) {
      steps.add(newest);
      if (steps.size() > Op.Sequence.REMEMBERED) {
        steps.remove(inTime(steps).get(0));
      }
    }
  }

  /** Whether any event that completed it lies in the ten minutes up to the time. */
  private boolean wasCompleted(long time) {
    boolean completed = false;
    for (Seen event : recentlyCompleting) {
      completed |= event.time() >= time - Micros.of(EveryOperation.WITHIN) && event.time() <= time;
    }
    return completed;
  }

  /** The other pattern: a purchase after another, within ten minutes. */
  private void followBuys(Seen newest) {
    long within = Micros.of(EveryOperation.WITHIN);
    recentBuys.removeIf(buy -> buy.time() < watermark - within);
    if (!newest.isPurchase()) {
      return;
    }
    for (Seen buy : recentBuys) {
      if (buy.time() <= newest.time() && newest.time() - buy.time() <= within) {
        secondBuys.add(newest);
        break;
      }
    }
    if (newest.time() >= watermark - within) {
      recentBuys.add(newest);
      if (recentBuys.size() > Op.Sequence.REMEMBERED) {
        recentBuys.remove(inTime(recentBuys).get(0));
      }
    }
  }
}
