package dev.millrace.batch.gold;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.CanonicalHash;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The Gold tables by loops over all events, for each group and each column again. */
final class GoldTwin {

  /** A clean event. */
  record Event(Row row) {
    @Nullable String text(String column) {
      return row.getAs(column);
    }

    @Nullable Long number(String column) {
      return row.getAs(column);
    }

    Instant time() {
      return row.getAs("event_time");
    }

    ZonedDateTime utc() {
      return time().atZone(ZoneOffset.UTC);
    }

    boolean is(String... types) {
      return Set.of(types).contains(text("event_type"));
    }

    boolean ordered() {
      return is("purchase", "logout_with_purchase");
    }

    String currency() {
      return text("currency") == null ? "XXX" : text("currency");
    }

    private @Nullable Object attribute(String name, String type) {
      Row value = row.<String, Row>getJavaMap(row.fieldIndex("attributes")).get(name);
      return value == null ? null : value.getAs(type);
    }

    String orderId() {
      Object id = attribute("order_id", "string");
      if (id == null) {
        id = attribute("order_id", "long");
      }
      if (id == null) {
        return text("event_id");
      }
      String sent = id.toString();
      return sent.length() > 256 ? CanonicalHash.sha256Hex(sent.getBytes(UTF_8)) : sent;
    }

    @Nullable Long orderValue() {
      Object basket = attribute("total_price_of_basket_micros", "long");
      return basket == null ? number("value_micros") : (Long) basket;
    }

    boolean hasPlace() {
      return text("country") != null || text("region") != null || text("city") != null;
    }

    @Nullable String locationId() {
      if (!hasPlace()) {
        return null;
      }
      StringBuilder all = new StringBuilder();
      for (String column : List.of("country", "region", "city")) {
        String value = text(column);
        all.append(value == null ? "-" : value.codePointCount(0, value.length()) + ":" + value);
      }
      return CanonicalHash.sha256Hex(all.toString().getBytes(UTF_8)).substring(0, 32);
    }

    long timeId() {
      ZonedDateTime at = utc();
      return at.getYear() * 1_000_000L
          + at.getMonthValue() * 10_000L
          + at.getDayOfMonth() * 100L
          + at.getHour();
    }
  }

  private final List<Event> events;

  GoldTwin(List<Row> clean) {
    this.events = clean.stream().map(Event::new).toList();
  }

  List<Map<String, Object>> rows(GoldTable table) {
    return switch (table.name()) {
      case "dim_users" -> users();
      case "dim_location" -> locations();
      case "dim_time" -> times();
      case "dim_product" -> products();
      case "fact_orders" -> orders();
      case "agg_user_metrics" -> userMetrics();
      case "agg_category_metrics" -> categoryMetrics();
      default -> throw new AssertionError(table.name());
    };
  }

  private List<Map<String, Object>> users() {
    return groups(
        e -> true,
        e -> List.of(e.text("user_id")),
        (row, group) -> {
          row.put("user_id", group.get(0).text("user_id"));
          row.put("first_seen_at", first(group, e -> true));
          row.put("last_seen_at", last(group, e -> true));
          row.put("signed_up_at", first(group, e -> e.is("signup")));
          latest(
              row,
              group,
              Event::hasPlace,
              "place_at",
              of("country", e -> e.text("country")),
              of("region", e -> e.text("region")),
              of("city", e -> e.text("city")));
          latest(
              row,
              group,
              e -> e.text("device_id") != null,
              "device_at",
              of("device_id", e -> e.text("device_id")));
          latest(
              row,
              group,
              e -> e.text("email") != null,
              "email_at",
              of("email_token", e -> e.text("email")));
          latest(
              row,
              group,
              e -> e.text("phone") != null,
              "phone_at",
              of("phone_token", e -> e.text("phone")));
          row.put("events", (long) group.size());
        });
  }

  private List<Map<String, Object>> locations() {
    return groups(
        Event::hasPlace,
        e -> List.of(e.locationId()),
        (row, group) -> {
          Event any = group.get(0);
          row.put("location_id", any.locationId());
          row.put("country", any.text("country"));
          row.put("region", any.text("region"));
          row.put("city", any.text("city"));
          row.put("first_seen_at", first(group, e -> true));
          row.put("last_seen_at", last(group, e -> true));
          row.put("events", (long) group.size());
        });
  }

  private List<Map<String, Object>> times() {
    return groups(
        e -> true,
        e -> List.of(e.timeId()),
        (row, group) -> {
          ZonedDateTime at = group.get(0).utc();
          row.put("time_id", group.get(0).timeId());
          row.put("date", at.toLocalDate());
          row.put("hour", at.getHour());
          row.put("iso_day_of_week", at.getDayOfWeek().getValue());
          row.put("iso_week", at.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
          row.put("iso_year", at.get(IsoFields.WEEK_BASED_YEAR));
          row.put("month", at.getMonthValue());
          row.put("quarter", at.get(IsoFields.QUARTER_OF_YEAR));
          row.put("year", at.getYear());
          row.put("is_weekend", at.getDayOfWeek().compareTo(DayOfWeek.FRIDAY) > 0);
        });
  }

  private List<Map<String, Object>> products() {
    return groups(
        e -> e.text("product_id") != null,
        e -> List.of(e.text("product_id")),
        (row, group) -> {
          row.put("product_id", group.get(0).text("product_id"));
          latest(
              row,
              group,
              e -> e.text("product_category") != null,
              "category_at",
              of("product_category", e -> e.text("product_category")));
          row.put("first_seen_at", first(group, e -> true));
          row.put("last_seen_at", last(group, e -> true));
          row.put("events", (long) group.size());
        });
  }

  private List<Map<String, Object>> orders() {
    return groups(
        e -> e.ordered() || e.is("refund", "chargeback"),
        e -> List.of(e.text("user_id"), e.orderId(), e.currency()),
        (row, group) -> {
          row.put("user_id", group.get(0).text("user_id"));
          row.put("order_id", group.get(0).orderId());
          row.put("currency", group.get(0).currency());
          latest(
              row,
              group,
              Event::ordered,
              "ordered_at",
              of("event_id", e -> e.text("event_id")),
              of("product_id", e -> e.text("product_id")),
              of("product_category", e -> e.text("product_category")),
              of("quantity", e -> e.number("quantity")),
              of("value_micros", Event::orderValue),
              of("location_id", Event::locationId),
              of("time_id", Event::timeId));
          row.put("refunds", count(group, e -> e.is("refund")));
          row.put("refunded_at", last(group, e -> e.is("refund")));
          row.put(
              "refunded_micros", sum(group, e -> e.is("refund"), e -> e.number("value_micros")));
          row.put("chargebacks", count(group, e -> e.is("chargeback")));
          row.put("charged_back_at", last(group, e -> e.is("chargeback")));
          row.put(
              "charged_back_micros",
              sum(group, e -> e.is("chargeback"), e -> e.number("value_micros")));
        });
  }

  private List<Map<String, Object>> userMetrics() {
    return groups(
        e -> true,
        e -> List.of(e.text("user_id"), e.currency()),
        (row, group) -> {
          row.put("user_id", group.get(0).text("user_id"));
          row.put("currency", group.get(0).currency());
          row.put("events", (long) group.size());
          row.put("late_events", count(group, e -> e.row().<Boolean>getAs("late")));
          row.put(
              "flagged_events",
              count(group, e -> !e.row().getList(e.row().fieldIndex("flags")).isEmpty()));
          row.put("logins", count(group, e -> e.is("login")));
          row.put("failed_logins", count(group, e -> e.is("login_failed")));
          row.put("cart_adds", count(group, e -> e.is("add_to_cart")));
          row.put("checkouts", count(group, e -> e.is("checkout")));
          row.put("orders", count(group, Event::ordered));
          row.put("order_value_micros", sum(group, Event::ordered, Event::orderValue));
          row.put("refunds", count(group, e -> e.is("refund")));
          row.put(
              "refunded_micros", sum(group, e -> e.is("refund"), e -> e.number("value_micros")));
          row.put("chargebacks", count(group, e -> e.is("chargeback")));
          row.put(
              "charged_back_micros",
              sum(group, e -> e.is("chargeback"), e -> e.number("value_micros")));
          row.put("duration_micros", sum(group, e -> true, e -> e.number("duration_micros")));
          row.put("first_event_at", first(group, e -> true));
          row.put("last_event_at", last(group, e -> true));
        });
  }

  private List<Map<String, Object>> categoryMetrics() {
    return groups(
        e -> true,
        e ->
            List.of(
                e.utc().toLocalDate(), String.valueOf(e.text("product_category")), e.currency()),
        (row, group) -> {
          LocalDate day = group.get(0).utc().toLocalDate();
          String category = group.get(0).text("product_category");
          row.put("event_date", day);
          row.put("product_category", category == null ? "" : category);
          row.put("currency", group.get(0).currency());
          row.put("events", (long) group.size());
          row.put("cart_adds", count(group, e -> e.is("add_to_cart")));
          row.put("orders", count(group, Event::ordered));
          row.put("quantity", sum(group, Event::ordered, e -> e.number("quantity")));
          row.put("order_value_micros", sum(group, Event::ordered, Event::orderValue));
        });
  }

  /** Fills a row of a group. */
  private interface Filling {
    void fill(Map<String, Object> row, List<Event> group);
  }

  private List<Map<String, Object>> groups(
      Predicate<Event> counts, Function<Event, List<Object>> key, Filling filling) {
    Map<String, List<Event>> groups = new TreeMap<>();
    for (Event event : events) {
      if (counts.test(event)) {
        groups.computeIfAbsent(key.apply(event).toString(), k -> new ArrayList<>()).add(event);
      }
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (List<Event> group : groups.values()) {
      Map<String, Object> row = new LinkedHashMap<>();
      filling.fill(row, group);
      rows.add(row);
    }
    return rows;
  }

  private static @Nullable Instant first(List<Event> group, Predicate<Event> where) {
    return group.stream()
        .filter(where)
        .map(Event::time)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  private static @Nullable Instant last(List<Event> group, Predicate<Event> where) {
    return group.stream()
        .filter(where)
        .map(Event::time)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  private static long count(List<Event> group, Predicate<Event> where) {
    return group.stream().filter(where).count();
  }

  private static BigDecimal sum(
      List<Event> group, Predicate<Event> where, Function<Event, @Nullable Long> value) {
    BigDecimal sum = BigDecimal.ZERO;
    for (Event event : group) {
      Long added = value.apply(event);
      if (where.test(event) && added != null) {
        sum = sum.add(BigDecimal.valueOf(added));
      }
    }
    return sum;
  }

  /** A column of an event. */
  private record Named(String name, Function<Event, @Nullable Object> value) {}

  private static Named of(String name, Function<Event, @Nullable Object> value) {
    return new Named(name, value);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static void latest(
      Map<String, Object> row,
      List<Event> group,
      Predicate<Event> where,
      String at,
      Named... columns) {
    Comparator<Event> order = Comparator.comparing(Event::time);
    for (Named column : columns) {
      order =
          order.thenComparing(
              (Event e) -> (Comparable) column.value().apply(e),
              Comparator.nullsFirst((Comparator) Comparator.naturalOrder()));
    }
    Event latest = group.stream().filter(where).max(order).orElse(null);
    row.put(at, latest == null ? null : latest.time());
    for (Named column : columns) {
      row.put(column.name(), latest == null ? null : column.value().apply(latest));
    }
  }
}
