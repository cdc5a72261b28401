package dev.millrace.local.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Micros;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes lines of every {@link Kind}, in turn. It remembers per user the newest clean event, as
 * cleansing does, and a few events to repeat; nothing that grows.
 *
 * <p>A line that is no copy is one more page that a recent visitor looked at, at the time of that
 * user's newest clean event: so it is never late, never outlives a user who left, and buys nothing
 * that the labels don't know of.
 */
final class Irregularities {

  private static final long HORIZON = Micros.of(Duration.ofDays(7));
  private static final long FAR_BEYOND = Micros.of(Duration.ofDays(400));
  private static final int KEPT = 1_024;
  private static final String IN_FUTURE = "2099-12-31T23:59:59Z";

  private static final List<String> INVALID_EMAILS =
      List.of("otter.example.com", "otter@", "@example.com", "otter@@example.com", "nobody");
  private static final List<String> INVALID_PHONES =
      List.of("12", "0000000000", "+49 30", "call me");
  private static final List<String> BAD_CURRENCIES = List.of("EURO", "€", "E1R", "$");
  private static final List<String> SCALARS = List.of("42", "null", "true", "\"login\"", "0.5");

  private final Shop shop;
  private final Random random;
  private final long[] newest;
  private final Recent<Sent> regular;
  private final Recent<Sent> old;
  private final Recent<Sent> bare;
  private final Recent<Sent> refused;
  private final List<Kind> deck = new ArrayList<>();
  private @Nullable Sent last;

  /**
   * @param random of its own, so that visits don't depend on what is done here
   * @param newest time of each user's newest clean event, microseconds; {@link Long#MIN_VALUE} for
   *     none; kept up to date by the caller
   */
  Irregularities(Plan plan, Shop shop, Random random, long[] newest) {
    this.shop = shop;
    this.random = random;
    this.newest = newest;
    this.regular = new Recent<>(KEPT, 8, random);
    // Reaches back over a good part of all that was, however much it is.
    this.old = new Recent<>(KEPT, (int) Math.max(8, plan.regularEvents() / (4 * KEPT)), random);
    this.bare = new Recent<>(32, 2, random);
    this.refused = new Recent<>(32, 1, random);
  }

  /** A regular event has been sent. */
  void saw(Sent sent) {
    last = sent;
    regular.offer(sent);
    old.offer(sent);
  }

  boolean hasSeenAny() {
    return last != null;
  }

  /** The next line; there must have been a regular event. */
  GeneratedEvent next() {
    // Kinds are dealt like cards, so that each gets its share of however few lines there are.
    for (int left = deck.size(); left > 0; left--) {
      Collections.swap(deck, random.nextInt(left), left - 1);
      GeneratedEvent made = make(deck.get(left - 1));
      if (made != null) {
        deck.remove(left - 1);
        return made;
      }
    }
    // What is left can't be made now: there is no event old enough, for one.
    deck.clear();
    for (Kind kind : Kind.values()) {
      deck.addAll(Collections.nCopies(kind.weight(), kind));
    }
    return next();
  }

  /** Null if there is nothing to make it of. */
  private @Nullable GeneratedEvent make(Kind kind) {
    return switch (kind) {
      case DUPLICATE_AT_ONCE -> copy(kind, Objects.requireNonNull(last));
      case DUPLICATE_LATER, DUPLICATE_RESPELLED, CONFLICT, CONFLICT_IN_CASE -> {
        Sent first =
            (random.nextBoolean() ? regular : old)
                .any(sent -> isRemembered(sent.user(), sent.time()));
        yield first == null ? null : again(kind, first);
      }
      case DUPLICATE_WITHOUT_ID -> {
        Sent first = bare.any(sent -> isRemembered(sent.user(), sent.time()));
        yield first == null ? null : copy(kind, first);
      }
      case REPLAYED_BEYOND_HORIZON -> {
        Sent first = old.any(sent -> !isRemembered(sent.user(), sent.time()));
        yield first == null ? null : copy(kind, first);
      }
      case FORGOTTEN_ID -> {
        Sent first = old.any(sent -> !isRemembered(sent.user(), sent.time()));
        yield first == null ? null : underForgottenId(first);
      }
      case CORRECTED -> {
        Sent bad = refused.any(sent -> true);
        yield bad == null ? null : corrected(bad);
      }
      default -> fresh(kind);
    };
  }

  private boolean isRemembered(int user, long time) {
    return time >= newest[user] - HORIZON;
  }

  private GeneratedEvent copy(Kind kind, Sent first) {
    return event(kind, Json.bytes(first.event()), first.user());
  }

  private GeneratedEvent again(Kind kind, Sent first) {
    ObjectNode event = first.event().deepCopy();
    switch (kind) {
      case DUPLICATE_RESPELLED -> {
        return event(kind, respelled(event).getBytes(UTF_8), first.user());
      }
      case CONFLICT -> event.put("session_id", shop.ids().next("s-"));
      case CONFLICT_IN_CASE ->
          event.put("event_type", event.path("event_type").textValue().toUpperCase(Locale.ROOT));
      default -> {}
    }
    return event(kind, Json.bytes(event), first.user());
  }

  private static String respelled(ObjectNode event) {
    event.put("user_id", "  " + event.path("user_id").textValue() + "\t");
    event.put("event_time", event.path("event_time").textValue().replace("Z", "+00:00"));
    JsonNode value = event.path("value");
    if (value.isNumber()) {
      event.put("value", value.decimalValue().toPlainString() + "00");
    }
    List<Map.Entry<String, JsonNode>> members = new ArrayList<>(event.properties());
    Collections.reverse(members);
    return members.stream()
        .map(member -> " \"" + member.getKey() + "\" : " + Json.text(member.getValue()))
        .collect(Collectors.joining(" ,", "{", " }"));
  }

  private GeneratedEvent underForgottenId(Sent first) {
    // The id is in use again, so it must not be taken for forgotten a second time.
    regular.forget(first);
    old.forget(first);
    return page(
        Kind.FORGOTTEN_ID, first, first.event().path("event_id").textValue(), newest[first.user()]);
  }

  private GeneratedEvent corrected(Sent bad) {
    refused.forget(bad);
    return page(Kind.CORRECTED, bad, bad.event().path("event_id").textValue(), newest[bad.user()]);
  }

  private GeneratedEvent page(Kind kind, Sent like, String eventId, long time) {
    return event(kind, Json.bytes(draft(like, eventId, time)), like.user());
  }

  /** One more page in the same session. */
  private ObjectNode draft(Sent like, String eventId, long time) {
    ObjectNode event = shop.event(eventId, like.user(), time, "browsing");
    for (String name : List.of("session_id", "device_id", "ip", "channel")) {
      JsonNode value = like.event().get(name);
      if (value != null) {
        event.set(name, value);
      }
    }
    int product = Catalogue.pick(random);
    return event
        .put("product_id", Catalogue.id(product))
        .put("product_category", Catalogue.category(product));
  }

  private GeneratedEvent fresh(Kind kind) {
    Sent like = Objects.requireNonNull(regular.any(sent -> true));
    int user = like.user();
    ObjectNode event = draft(like, shop.ids().next("e-"), newest[user]);
    byte @Nullable [] malformed = malformed(kind, event);
    if (malformed != null) {
      return event(kind, malformed, user);
    }
    spoil(kind, event, user);
    if (kind == Kind.WITHOUT_ID) {
      bare.offer(new Sent(user, newest[user], event));
    }
    if (kind.outcome() == Expectation.Outcome.QUARANTINED
        && kind.tellsTheUser()
        && kind != Kind.LONG_EVENT_ID) {
      refused.offer(new Sent(user, newest[user], event));
    }
    return event(kind, Json.bytes(event), user);
  }

  private GeneratedEvent event(Kind kind, byte[] line, int user) {
    return new GeneratedEvent(
        line, new Expectation(kind, kind.tellsTheUser() ? shop.population().id(user) : null));
  }

  /** Null for the kinds that are a JSON object of the usual form. */
  private byte @Nullable [] malformed(Kind kind, ObjectNode event) {
    String json = Json.text(event);
    return switch (kind) {
      case TRUNCATED -> json.substring(0, 1 + random.nextInt(json.length() - 1)).getBytes(UTF_8);
      case ARRAY -> ("[" + json + "]").getBytes(UTF_8);
      case SCALAR -> pick(SCALARS).getBytes(UTF_8);
      case DUPLICATE_KEY -> with(json, "\"event_type\":\"login\"").getBytes(UTF_8);
      case LATIN_1 -> with(json, "\"city\":\"Saint-Étienne\"").getBytes(ISO_8859_1);
      case NESTED_TOO_DEEP ->
          with(json, "\"tree\":" + "[".repeat(80) + "]".repeat(80)).getBytes(UTF_8);
      case NOT_A_NUMBER -> with(json, "\"value\":NaN").getBytes(UTF_8);
      case ENDLESS_NUMBER -> with(json, "\"quantity\":" + "9".repeat(2_000)).getBytes(UTF_8);
      case TWO_EVENTS_IN_A_LINE -> (json + json).getBytes(UTF_8);
      case SINGLE_QUOTES -> json.replace('"', '\'').getBytes(UTF_8);
      case CONTROL_CHARACTER -> with(json, "\"note\":\"a\u0001b\"").getBytes(UTF_8);
      case TRAILING_COMMA -> (json.substring(0, json.length() - 1) + ",}").getBytes(UTF_8);
      case CSV ->
          event.properties().stream()
              .map(member -> member.getValue().asText())
              .collect(Collectors.joining(","))
              .getBytes(UTF_8);
      case ERROR_PAGE ->
          "<html><head><title>502 Bad Gateway</title></head><body></body></html>".getBytes(UTF_8);
      case NOISE -> noise();
      // Jackson writes no half characters, so they come in as escapes.
      case HALF_A_CHARACTER -> with(json, "\"city\":\"\\ud83d\"").getBytes(UTF_8);
      case HALF_A_CHARACTER_IN_ATTRIBUTE -> with(json, "\"note\":\"\\udc00!\"").getBytes(UTF_8);
      default -> null;
    };
  }

  private static String with(String json, String member) {
    return json.substring(0, json.length() - 1) + "," + member + "}";
  }

  private byte[] noise() {
    byte[] bytes = new byte[20 + random.nextInt(200)];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == '\n' || bytes[i] == '\r' ? (byte) 0xFE : bytes[i];
    }
    // No byte with which JSON, in any encoding, could begin.
    bytes[0] = (byte) 0x8B;
    return bytes;
  }

  private void spoil(Kind kind, ObjectNode event, int user) {
    long time = newest[user];
    switch (kind) {
      case BEYOND_HORIZON -> setTime(event, time - HORIZON - 1 - under(FAR_BEYOND));
      case JUST_BEYOND_HORIZON -> setTime(event, time - HORIZON - 1);
      case FUTURE -> event.put("event_time", IN_FUTURE);
      case EPOCH_ZERO -> setTime(event, 0);
      case SECONDS_AS_MILLIS -> setTime(event, time / 1_000);
      case MISSING_TIME -> remove(event, "event_time");
      case TIME_IS_A_WORD -> event.put("event_time", "yesterday");
      case TIME_IS_A_NUMBER -> event.put("event_time", time / 1_000);
      case NO_SUCH_DAY -> event.put("event_time", "2026-02-30T12:00:00Z");

      case MISSING_USER -> remove(event, "user_id");
      case BLANK_USER -> event.put("user_id", pick(List.of("", " ", "\t ")));
      case USER_IS_AN_OBJECT -> {
        JsonNode id = event.path("user_id");
        event.putObject("user_id").set("id", id);
      }
      case MISSING_TYPE -> remove(event, "event_type");
      case BLANK_TYPE -> event.put("event_type", " ");
      case LONG_EVENT_ID ->
          event.put("event_id", event.path("event_id").textValue() + "0".repeat(300));
      case LONG_ATTRIBUTE -> event.put("note", "so long ".repeat(1_200));
      case QUANTITY_IS_A_WORD -> event.put("quantity", "many");
      case QUANTITY_IS_A_FRACTION -> event.put("quantity", new BigDecimal("2.5"));
      case NEGATIVE_QUANTITY -> event.put("quantity", -1 - random.nextInt(9));
      case HUGE_QUANTITY -> event.put("quantity", 1_000_001 + random.nextInt(1_000));
      case VALUE_IS_A_LIST -> event.putArray("value").add(random.nextInt(100));
      case NEGATIVE_VALUE -> setValue(event, "-0.000001");
      case HUGE_VALUE -> setValue(event, "1000000000.01");
      case VALUE_OVERFLOW -> event.put("value", pick(List.of("1E300", "9".repeat(20))));
      case NEGATIVE_DURATION -> event.put("duration", -1 - random.nextInt(3_600));
      case INVALID_EMAIL -> event.put("email", pick(INVALID_EMAILS));
      case INVALID_PHONE -> event.put("phone", pick(INVALID_PHONES));
      case BAD_CURRENCY -> setValue(event, "9.99").put("currency", pick(BAD_CURRENCIES));
      case PURCHASE_WITHOUT_VALUE -> event.put("event_type", "purchase").put("quantity", 1);
      case SEVERAL -> {
        remove(event, "event_type");
        event
            .put("event_time", IN_FUTURE)
            .put("quantity", "many")
            .put("currency", pick(BAD_CURRENCIES))
            .put("email", pick(INVALID_EMAILS));
      }
      case SEVERAL_AND_NO_USER -> {
        remove(event, "user_id");
        event
            .put("event_time", "noon")
            .put("quantity", new BigDecimal("0.5"))
            .put("note", "?".repeat(9_000));
      }

      case LATE -> setTime(event, time - lateness());
      case AT_THE_HORIZON -> setTime(event, time - HORIZON);
      case WITHOUT_ID -> {
        // Nothing else tells two views of one page apart.
        event.put("session_id", shop.ids().next("s-"));
        switch (random.nextInt(3)) {
          case 0 -> event.remove("event_id");
          case 1 -> event.putNull("event_id");
          default -> event.put("event_id", " ");
        }
      }
      case NUMBERS_AS_IDS ->
          event
              .put("event_id", shop.ids().nextNumber())
              .put("session_id", shop.ids().nextNumber())
              .put("product_id", random.nextInt(1_000));
      case TIME_WITHOUT_OFFSET ->
          event.put("event_time", Shop.text(time).replace("Z", "").replace('T', ' '));
      case QUOTED_NUMBERS ->
          event
              .put("event_type", "checkout")
              .put("quantity", "2.0")
              .put("value", " 19.90")
              .put("currency", "EUR")
              .put("duration", "1e1");
      case UNTIDY_TYPE -> event.put("event_type", "  Browsing ").put("currency", " eur");
      case UNTIDY_CONTACT -> {
        String phone = shop.population().phone(user);
        event
            .put("email", "  " + shop.population().email(user).toUpperCase(Locale.ROOT) + " ")
            .put(
                "phone",
                "(0"
                    + phone.substring(3, 5)
                    + ") "
                    + phone.substring(5, 9)
                    + "-"
                    + phone.substring(9));
      }
      case UNKNOWN_ATTRIBUTES -> {
        event.put("returning", random.nextBoolean()).put("rank", random.nextInt(1_000));
        event.put("weight", BigDecimal.valueOf(random.nextInt(1_000), 3)).putNull("referrer");
        event.putObject("experiment").put("name", "blue").putArray("arms").add(1).add(2);
      }
      case UNICODE ->
          event
              .put("city", pick(List.of("Ko\u0308ln", "Łódź", "Zürich", "東京")))
              .put("note", pick(List.of("\ud83e\udda6", "naïve – ‘quoted’", "\\u0000 \"\t\"")));
      default -> throw new IllegalStateException("Nobody makes " + kind);
    }
  }

  private static void setTime(ObjectNode event, long time) {
    event.put("event_time", Shop.text(time));
  }

  private static ObjectNode setValue(ObjectNode event, String value) {
    return event.put("value", new BigDecimal(value)).put("currency", "EUR");
  }

  /** Absent in one of the two ways in which JSON can say so. */
  private void remove(ObjectNode event, String name) {
    if (random.nextBoolean()) {
      event.remove(name);
    } else {
      event.putNull(name);
    }
  }

  /** From a second to the horizon; as many are seconds late as are days late. */
  private long lateness() {
    double share = random.nextDouble();
    return (long) (Micros.PER_UNIT * StrictMath.pow((double) HORIZON / Micros.PER_UNIT, share));
  }

  private long under(long bound) {
    return (long) (random.nextDouble() * bound);
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
