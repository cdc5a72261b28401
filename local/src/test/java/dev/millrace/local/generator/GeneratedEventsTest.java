package dev.millrace.local.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratedEventsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Plan PLAN = Plan.of(7, "u-", 2_000, 20_000);

  private static List<GeneratedEvent> all(Plan plan) {
    List<GeneratedEvent> all = new ArrayList<>();
    new GeneratedEvents(plan).forEachRemaining(all::add);
    return all;
  }

  private static List<String> lines(Plan plan) {
    return all(plan).stream().map(GeneratedEventsTest::text).toList();
  }

  /** Each byte as a character, so that nothing is lost of what is no UTF-8. */
  private static String text(GeneratedEvent event) {
    return new String(event.line(), StandardCharsets.ISO_8859_1);
  }

  private static List<JsonNode> regular(Plan plan) {
    return all(plan).stream()
        .filter(event -> event.expectation().kind() == null)
        .map(event -> parse(event.line()))
        .toList();
  }

  private static JsonNode parse(byte[] json) {
    try {
      return JSON.readTree(new String(json, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static String type(JsonNode event) {
    return event.path("event_type").asText();
  }

  @Test
  void theSamePlanGivesTheSameLinesAndAnotherSeedOthers() {
    assertThat(lines(PLAN)).isEqualTo(lines(PLAN));
    assertThat(lines(Plan.of(8, "u-", 2_000, 20_000))).isNotEqualTo(lines(PLAN));
  }

  @Test
  void aCountryWithDigitsOfItsOwnGivesTheSameLines() {
    List<String> expected = lines(PLAN);
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(lines(PLAN)).isEqualTo(expected);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void anotherPrefixChangesTheUsersAndNothingElse() {
    List<GeneratedEvent> others = all(Plan.of(7, "v-", 2_000, 20_000));
    List<GeneratedEvent> events = all(PLAN);

    for (int i = 0; i < events.size(); i++) {
      assertThat(others.get(i).expectation().kind()).isEqualTo(events.get(i).expectation().kind());
      if (events.get(i).expectation().kind() != Kind.TRUNCATED) {
        assertThat(text(others.get(i)).replace("v-", "u-"))
            .isEqualTo(text(events.get(i)).replace("v-", "u-"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0.5",
    "1, 2, 0.5",
    "1, 500, 0.5",
    "7, 3, 0.34",
    "50, 1000, 0",
    "3000, 100, 0.1",
    "2000, 20000, 0.05",
    "5000, 30001, 0.123"
  })
  void hasAsManyEventsAndIrregularOnesAsPlanned(int users, long events, double irregular) {
    Plan plan = new Plan(1, "u-", users, events, Plan.START, Plan.DAYS, irregular);

    List<GeneratedEvent> all = all(plan);

    assertThat(all).hasSize((int) events);
    assertThat(all.stream().filter(event -> event.expectation().kind() != null))
        .hasSize((int) (events * irregular));
  }

  @Test
  void everyKindComesAndTheCommonOnesMoreOften() {
    Map<Kind, Long> counts =
        all(PLAN).stream()
            .map(event -> event.expectation().kind())
            .filter(Objects::nonNull)
            .collect(Collectors.groupingBy(kind -> kind, Collectors.counting()));

    assertThat(counts.keySet()).isEqualTo(EnumSet.allOf(Kind.class));
    assertThat(counts.values()).allMatch(count -> count >= 5);
    assertThat(counts.get(Kind.LATE)).isGreaterThan(3 * counts.get(Kind.UNICODE));
    assertThat(Stream.of(Kind.values()).filter(kind -> !kind.reasons().isEmpty()))
        .hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void everyLineIsALineAndNotABlankOne() {
    assertThat(lines(PLAN)).noneMatch(line -> line.isBlank() || line.contains("\n"));
    assertThat(lines(PLAN)).noneMatch(line -> line.endsWith("\r"));
  }

  @Test
  void regularEventsComeInTheOrderOfTheirTimesInsideThePeriodUnderIdsOfTheirOwn() {
    List<Instant> times =
        regular(PLAN).stream().map(e -> Instant.parse(e.path("event_time").asText())).toList();

    assertThat(times).isSorted();
    assertThat(times.get(0)).isBetween(PLAN.start(), PLAN.start().plusSeconds(86_400));
    assertThat(times.get(times.size() - 1))
        .isBetween(PLAN.end().minusSeconds(86_400), PLAN.end().plus(Plan.AFTERMATH));
    assertThat(regular(PLAN).stream().map(e -> e.path("event_id").asText()))
        .doesNotHaveDuplicates();
  }

  @Test
  void looksLikeAShop() {
    List<JsonNode> events = regular(PLAN);
    Map<String, Long> types =
        events.stream().collect(Collectors.groupingBy(e -> type(e), Collectors.counting()));
    Map<String, Long> users =
        events.stream()
            .collect(Collectors.groupingBy(e -> e.path("user_id").asText(), Collectors.counting()));

    assertThat(types)
        .containsOnlyKeys(
            "signup",
            "login",
            "login_failed",
            "browsing",
            "search",
            "add_to_cart",
            "remove_from_cart",
            "checkout",
            "purchase",
            "logout",
            "chargeback");
    assertThat(types.get("browsing")).isGreaterThan(events.size() / 3L);
    assertThat(types.get("purchase")).isBetween(events.size() / 50L, events.size() / 10L);
    assertThat(users).hasSizeGreaterThan(800);
    assertThat(users.values().stream().mapToLong(n -> n).max().orElseThrow()).isGreaterThan(150);
    assertThat(events.stream().filter(e -> type(e).equals("purchase")))
        .allMatch(e -> e.path("value").decimalValue().signum() > 0 && e.hasNonNull("currency"));
    assertThat(events.stream().map(e -> e.path("ip").asText()))
        .anyMatch(ip -> ip.contains(":"))
        .anyMatch(ip -> ip.contains("."));
    assertThat(events.stream().filter(e -> e.hasNonNull("email")).count()).isGreaterThan(500);
    assertThat(events.stream().filter(e -> e.hasNonNull("phone")).count()).isGreaterThan(300);
  }

  @Test
  void thereIsMoreGoingOnInTheEveningThanAtNight() {
    Map<Integer, Long> byHour =
        regular(PLAN).stream()
            .map(e -> Integer.parseInt(e.path("event_time").asText().substring(11, 13)))
            .collect(Collectors.groupingBy(hour -> hour, Collectors.counting()));

    assertThat(byHour.get(20)).isGreaterThan(5 * byHour.get(3));
  }

  @Test
  void ringsBuyFromSharedDevicesAfterFailedLoginsAndChargebacksFollow() {
    GeneratedEvents events = new GeneratedEvents(PLAN);
    Map<String, JsonNode> byId = new HashMap<>();
    Map<String, Integer> failedLogins = new HashMap<>();
    events.forEachRemaining(
        event -> {
          if (event.expectation().kind() == null) {
            JsonNode json = parse(event.line());
            byId.put(json.path("event_id").asText(), json);
            if (type(json).equals("login_failed")) {
              failedLogins.merge(json.path("session_id").asText(), 1, Integer::sum);
            }
          }
        });
    List<JsonNode> rings = events.rings().map(GeneratedEventsTest::parse).toList();

    assertThat(rings).hasSizeGreaterThanOrEqualTo(4);
    int chargebacks = 0;
    for (JsonNode ring : rings) {
      Set<String> users = texts(ring.path("users"));
      assertThat(users).hasSizeBetween(3, 6);
      assertThat(ring.path("orders")).hasSizeGreaterThanOrEqualTo(9);
      for (JsonNode order : ring.path("orders")) {
        JsonNode purchase = byId.get(order.path("purchase_event_id").asText());
        assertThat(type(purchase)).isEqualTo("purchase");
        assertThat(purchase.path("order_id")).isEqualTo(order.path("order_id"));
        assertThat(users).contains(purchase.path("user_id").asText());
        assertThat(texts(ring.path("devices"))).contains(purchase.path("device_id").asText());
        assertThat(texts(ring.path("ips"))).contains(purchase.path("ip").asText());
        assertThat(failedLogins.get(purchase.path("session_id").asText()))
            .isGreaterThanOrEqualTo(3);
        if (!order.path("chargeback_event_id").isNull()) {
          chargebacks++;
          JsonNode chargeback = byId.get(order.path("chargeback_event_id").asText());
          assertThat(type(chargeback)).isEqualTo("chargeback");
          assertThat(chargeback.path("order_id")).isEqualTo(order.path("order_id"));
          assertThat(chargeback.path("user_id")).isEqualTo(purchase.path("user_id"));
          assertThat(chargeback.path("value")).isEqualTo(purchase.path("value"));
          assertThat(chargeback.path("event_time").asText())
              .isGreaterThan(purchase.path("event_time").asText());
        }
      }
    }
    assertThat(byId.values().stream().filter(e -> type(e).equals("chargeback")))
        .hasSize(chargebacks);
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new HashSet<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void usersWhoLeftAreNamedWithTheirLastDayAndAreNotSeenAfterIt() {
    GeneratedEvents events = new GeneratedEvents(PLAN);
    Map<String, String> lastSeen = new HashMap<>();
    events.forEachRemaining(
        event -> {
          if (event.expectation().kind() == null) {
            JsonNode json = parse(event.line());
            lastSeen.merge(
                json.path("user_id").asText(),
                json.path("event_time").asText(),
                (a, b) -> a.compareTo(b) < 0 ? b : a);
          }
        });
    List<JsonNode> users = events.users().map(GeneratedEventsTest::parse).toList();
    List<JsonNode> left =
        users.stream().filter(user -> !user.path("churned_after").isNull()).toList();

    assertThat(users).hasSize(lastSeen.size());
    assertThat(users)
        .allMatch(
            user ->
                lastSeen
                    .get(user.path("user_id").asText())
                    .equals(user.path("last_active").asText()));
    assertThat(left.size()).isBetween(users.size() / 20, users.size() / 5);
    assertThat(left)
        .allMatch(user -> user.path("last_active").asText().startsWith(lastDay(user)))
        .allMatch(user -> lastDay(user).compareTo("2026-01-27") < 0)
        .allMatch(user -> user.path("ring").isNull());
  }

  @Test
  void theFilesOfUsersAndOfRingsAgree() {
    GeneratedEvents events = new GeneratedEvents(PLAN);
    events.forEachRemaining(event -> {});

    Set<String> byUser =
        events
            .users()
            .map(GeneratedEventsTest::parse)
            .filter(user -> !user.path("ring").isNull())
            .map(user -> user.path("ring").asText() + " " + user.path("user_id").asText())
            .collect(Collectors.toSet());
    Set<String> byRing =
        events
            .rings()
            .map(GeneratedEventsTest::parse)
            .flatMap(
                ring ->
                    texts(ring.path("users")).stream()
                        .map(user -> ring.path("ring").asText() + " " + user))
            .collect(Collectors.toSet());

    assertThat(byUser).isEqualTo(byRing).hasSizeGreaterThan(10);
  }

  private static String lastDay(JsonNode user) {
    return user.path("churned_after").asText();
  }

  @Test
  void whatIsTrueIsToldAfterTheLastEvent() {
    GeneratedEvents events = new GeneratedEvents(PLAN);
    events.next();

    assertThatThrownBy(events::users)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 of 20000 events");
    assertThatThrownBy(events::rings).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatIsKeptDependsOnWhatGoesOnAtOnceAndNotOnHowMuchThereIs() {
    GeneratedEvents events = new GeneratedEvents(Plan.of(1, "u-", 100_000, 1_000_000));
    int[] open = new int[20];
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (int count = 0; events.hasNext(); count++) {
      Kind kind = events.next().expectation().kind();
      if (kind != null) {
        kinds.add(kind);
      }
      open[count / 50_000] = Math.max(open[count / 50_000], events.open());
    }

    // At most a few hundred visits at one time, and the chargebacks to come.
    assertThat(Arrays.stream(open).max().orElseThrow()).isLessThan(5_000);
    assertThat(kinds).isEqualTo(EnumSet.allOf(Kind.class));
  }
}
