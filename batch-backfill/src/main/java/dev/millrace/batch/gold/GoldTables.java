package dev.millrace.batch.gold;

import static dev.millrace.batch.gold.Activities.ALL;
import static dev.millrace.batch.gold.Activities.ANY_PLACE;
import static dev.millrace.batch.gold.Activities.CART_ADD;
import static dev.millrace.batch.gold.Activities.CATEGORY;
import static dev.millrace.batch.gold.Activities.CHARGEBACK;
import static dev.millrace.batch.gold.Activities.CHECKOUT;
import static dev.millrace.batch.gold.Activities.CURRENCY;
import static dev.millrace.batch.gold.Activities.FAILED_LOGIN;
import static dev.millrace.batch.gold.Activities.LOCATION_ID;
import static dev.millrace.batch.gold.Activities.LOGIN;
import static dev.millrace.batch.gold.Activities.ORDER;
import static dev.millrace.batch.gold.Activities.ORDER_ID;
import static dev.millrace.batch.gold.Activities.ORDER_VALUE;
import static dev.millrace.batch.gold.Activities.REFUND;
import static dev.millrace.batch.gold.Activities.SIGNUP;
import static dev.millrace.batch.gold.Activities.TIME_ID;
import static dev.millrace.batch.gold.Activities.either;

import dev.millrace.batch.gold.Measure.Latest;
import dev.millrace.batch.gold.Measure.Of;
import dev.millrace.batch.gold.Measure.Single;
import dev.millrace.batch.gold.Measure.Told;
import java.util.List;

/** Every Gold table there is. */
final class GoldTables {

  private static final int CURRENCY_LENGTH = 3;
  private static final int LOCATION_LENGTH = 32;

  private static final Told USER = told("user_id", "user_id", "Whom it is about.");
  private static final Told PAID_IN =
      new Told(
          new Field(
              "currency", CURRENCY_LENGTH, "Of all amounts, ISO 4217; XXX where none is named."),
          CURRENCY);
  private static final Told TIME =
      told("time_id", TIME_ID, "The hour, UTC, as in dim_time: yyyyMMddHH.");

  static final GoldTable USERS =
      new GoldTable(
          "dim_users",
          "dw_users",
          "A row for each user with clean events.",
          ALL,
          List.of(USER),
          List.of(
              first("first_seen_at", ALL, "Time of the first event, UTC."),
              last("last_seen_at", ALL, "Time of the last event, UTC."),
              first("signed_up_at", SIGNUP, "Time of the first signup, UTC; null without one."),
              latest(
                  "place_at",
                  ANY_PLACE,
                  "Time of the last event with a country, region or city, UTC.",
                  told("country", "country", "Country of that event."),
                  told("region", "region", "Region of that event."),
                  told("city", "city", "City of that event.")),
              latest(
                  "device_at",
                  "device_id is not null",
                  "Time of the last event with a device, UTC.",
                  told("device_id", "device_id", "The device that was used last.")),
              latest(
                  "email_at",
                  "email is not null",
                  "Time of the last event with an e-mail address, UTC.",
                  told("email_token", "email", "Token of the last e-mail address.")),
              latest(
                  "phone_at",
                  "phone is not null",
                  "Time of the last event with a phone number, UTC.",
                  told("phone_token", "phone", "Token of the last phone number.")),
              count("events", ALL, "Clean events.")));

  static final GoldTable LOCATIONS =
      new GoldTable(
          "dim_location",
          "dw_locations",
          "A row for each country, region and city that events have together.",
          ANY_PLACE,
          List.of(
              new Told(
                  new Field(
                      "location_id",
                      LOCATION_LENGTH,
                      "Hash of country, region and city, the same for ever."),
                  LOCATION_ID)),
          List.of(
              same("country", "country", "Country; null if unknown."),
              same("region", "region", "Region within the country; null if unknown."),
              same("city", "city", "City; null if unknown."),
              first("first_seen_at", ALL, "Time of the first event there, UTC."),
              last("last_seen_at", ALL, "Time of the last event there, UTC."),
              count("events", ALL, "Clean events there.")));

  static final GoldTable TIMES =
      new GoldTable(
          "dim_time",
          "dw_times",
          "A row for each hour with clean events, UTC.",
          ALL,
          List.of(told("time_id", TIME_ID, "The hour: yyyyMMddHH.")),
          List.of(
              same("date", "cast(event_time as date)", "The day."),
              same("hour", "hour(event_time)", "The hour of the day, 0 to 23."),
              same("iso_day_of_week", "weekday(event_time) + 1", "1 for Monday to 7 for Sunday."),
              same("iso_week", "weekofyear(event_time)", "The week of the ISO year, 1 to 53."),
              same(
                  "iso_year",
                  "cast(extract(yearofweek from event_time) as int)",
                  "The year that the week counts for."),
              same("month", "month(event_time)", "1 to 12."),
              same("quarter", "quarter(event_time)", "1 to 4."),
              same("year", "year(event_time)", "The year."),
              same("is_weekend", "weekday(event_time) >= 5", "Saturday or Sunday.")));

  static final GoldTable PRODUCTS =
      new GoldTable(
          "dim_product",
          "dw_products",
          "A row for each product that events name.",
          "product_id is not null",
          List.of(told("product_id", "product_id", "The product.")),
          List.of(
              latest(
                  "category_at",
                  "product_category is not null",
                  "Time of the last event that tells its category, UTC.",
                  told(
                      "product_category",
                      "product_category",
                      "Its category, as that event has it.")),
              first("first_seen_at", ALL, "Time of the first event with it, UTC."),
              last("last_seen_at", ALL, "Time of the last event with it, UTC."),
              count("events", ALL, "Clean events with it.")));

  static final GoldTable ORDERS =
      new GoldTable(
          "fact_orders",
          "dw_orders",
          "A row for each order of a user in a currency, with what was paid back of it. Without ordered_at it is a refund or a chargeback whose order has not come.",
          either(ORDER, either(REFUND, CHARGEBACK)),
          List.of(
              USER,
              told(
                  "order_id",
                  ORDER_ID,
                  "The producer's, or the event's where there is none; the SHA-256 of one with more than 256 characters."),
              PAID_IN),
          List.of(
              latest(
                  "ordered_at",
                  ORDER,
                  "When it was ordered, UTC; null if that event has not come.",
                  told(
                      "event_id",
                      "event_id",
                      "The event that ordered it, the last if there are several."),
                  told("product_id", "product_id", "The product."),
                  told("product_category", "product_category", "Its category."),
                  told("quantity", "quantity", "Number of items."),
                  told("value_micros", ORDER_VALUE, "Value of the order × 1 000 000."),
                  new Told(
                      new Field(
                          "location_id",
                          LOCATION_LENGTH,
                          "Where, as in dim_location; null if unknown."),
                      LOCATION_ID),
                  TIME),
              count("refunds", REFUND, "Times that money was refunded."),
              last("refunded_at", REFUND, "When that was last, UTC."),
              sum("refunded_micros", "value_micros", REFUND, "Refunded in all × 1 000 000."),
              count("chargebacks", CHARGEBACK, "Times that money was charged back."),
              last("charged_back_at", CHARGEBACK, "When that was last, UTC."),
              sum(
                  "charged_back_micros",
                  "value_micros",
                  CHARGEBACK,
                  "Charged back in all × 1 000 000.")));

  static final GoldTable USER_METRICS =
      new GoldTable(
          "agg_user_metrics",
          "dw_user_metrics",
          "What each user did, by the currency that events name. To count over all currencies, add the rows.",
          ALL,
          List.of(USER, PAID_IN),
          List.of(
              count("events", ALL, "Clean events."),
              count("late_events", "late", "Of them, behind the user's newest when they came."),
              count("flagged_events", "size(flags) > 0", "Of them, odd in some way."),
              count("logins", LOGIN, "Logins."),
              count("failed_logins", FAILED_LOGIN, "Logins that failed."),
              count("cart_adds", CART_ADD, "Products put into the cart."),
              count("checkouts", CHECKOUT, "Checkouts."),
              count("orders", ORDER, "Events that ordered something."),
              sum("order_value_micros", ORDER_VALUE, ORDER, "Their value × 1 000 000."),
              count("refunds", REFUND, "Refunds."),
              sum("refunded_micros", "value_micros", REFUND, "Refunded × 1 000 000."),
              count("chargebacks", CHARGEBACK, "Chargebacks."),
              sum("charged_back_micros", "value_micros", CHARGEBACK, "Charged back × 1 000 000."),
              sum(
                  "duration_micros",
                  "duration_micros",
                  ALL,
                  "Durations of all events, microseconds."),
              first("first_event_at", ALL, "Time of the first event, UTC."),
              last("last_event_at", ALL, "Time of the last event, UTC.")));

  static final GoldTable CATEGORY_METRICS =
      new GoldTable(
          "agg_category_metrics",
          "dw_category_metrics",
          "What happened in each category of products on each day, by the currency that events name.",
          ALL,
          List.of(
              told("event_date", "cast(event_time as date)", "The day, UTC."),
              told("product_category", CATEGORY, "The category; empty for events that name none."),
              PAID_IN),
          List.of(
              count("events", ALL, "Clean events."),
              count("cart_adds", CART_ADD, "Products put into the cart."),
              count("orders", ORDER, "Events that ordered something."),
              sum("quantity", "quantity", ORDER, "Items that were ordered."),
              sum("order_value_micros", ORDER_VALUE, ORDER, "Value of the orders × 1 000 000.")));

  static final List<GoldTable> ALL_TABLES =
      List.of(USERS, LOCATIONS, TIMES, PRODUCTS, ORDERS, USER_METRICS, CATEGORY_METRICS);

  private GoldTables() {}

  private static Told told(String name, String sql, String description) {
    return new Told(Field.of(name, description), sql);
  }

  private static Measure count(String name, String where, String description) {
    return new Single(Of.COUNT, Field.of(name, description), "1", where);
  }

  private static Measure sum(String name, String sql, String where, String description) {
    return new Single(Of.SUM, Field.of(name, description), sql, where);
  }

  private static Measure first(String name, String where, String description) {
    return new Single(Of.LEAST, Field.of(name, description), "event_time", where);
  }

  private static Measure last(String name, String where, String description) {
    return new Single(Of.GREATEST, Field.of(name, description), "event_time", where);
  }

  private static Measure same(String name, String sql, String description) {
    return new Single(Of.KEY, Field.of(name, description), sql, ALL);
  }

  private static Measure latest(String at, String where, String description, Told... told) {
    return new Latest(Field.of(at, description), List.of(told), where);
  }
}
