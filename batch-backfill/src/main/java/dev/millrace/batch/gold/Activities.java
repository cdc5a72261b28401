package dev.millrace.batch.gold;

/** What events mean to Gold, as SQL over {@code events_clean}: here and nowhere else. */
final class Activities {

  /** Money, as ISO 4217 has it, where an event names none. */
  static final String NO_CURRENCY = "XXX";

  static final String ALL = "true";
  static final String SIGNUP = "event_type = 'signup'";
  static final String LOGIN = "event_type = 'login'";
  static final String FAILED_LOGIN = "event_type = 'login_failed'";
  static final String CART_ADD = "event_type = 'add_to_cart'";
  static final String CHECKOUT = "event_type = 'checkout'";
  static final String ORDER = "event_type in ('purchase', 'logout_with_purchase')";
  static final String REFUND = "event_type = 'refund'";
  static final String CHARGEBACK = "event_type = 'chargeback'";
  static final String ANY_PLACE = "coalesce(country, region, city) is not null";

  static final String CURRENCY = "coalesce(currency, '" + NO_CURRENCY + "')";
  static final String CATEGORY = "coalesce(product_category, '')";

  /** Of the whole basket, where its producer tells that. */
  static final String ORDER_VALUE =
      "coalesce(attributes['total_price_of_basket_micros'].long, value_micros)";

  private static final String SENT_ORDER_ID =
      "nullif(trim(coalesce(attributes['order_id'].string, cast(attributes['order_id'].long as string), cast(attributes['order_id'].double as string))), '')";

  /** Of at most 256 characters, so that any database can have it in a key. */
  static final String ORDER_ID =
      "if(length(%1$s) > 256, sha2(%1$s, 256), coalesce(%1$s, event_id))".formatted(SENT_ORDER_ID);

  /** No two places have the same, for lengths stand before the texts. */
  static final String LOCATION_ID =
      "if(%s, left(sha2(concat(%s, %s, %s), 256), 32), null)"
          .formatted(ANY_PLACE, part("country"), part("region"), part("city"));

  /** A long, since the year 2148 does not fit into an int. */
  static final String TIME_ID =
      "year(event_time) * 1000000L + month(event_time) * 10000 + day(event_time) * 100 + hour(event_time)";

  private Activities() {}

  private static String part(String column) {
    return "coalesce(concat(length(%1$s), ':', %1$s), '-')".formatted(column);
  }

  static String either(String one, String other) {
    return "(" + one + " or " + other + ")";
  }
}
