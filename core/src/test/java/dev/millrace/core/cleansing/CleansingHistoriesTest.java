package dev.millrace.core.cleansing;

import static dev.millrace.core.Events.NOON;
import static dev.millrace.core.cleansing.ContractBuilder.aContract;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Arrival;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Events;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import dev.millrace.core.cleansing.Cleansing.Outcome.Duplicate;
import dev.millrace.core.cleansing.Cleansing.Outcome.Rejected;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of several users under random contracts, against a twin that keeps every event
 * in a list and looks through all of it. A build runs 250 histories of 500 events for each law;
 * {@code -Dmillrace.histories=N} runs N of them. A failure names its seed, and the seed replays it.
 */
class CleansingHistoriesTest {

  private static final int HISTORIES = Integer.getInteger("millrace.histories", 250);
  private static final int EVENTS = 500;
  private static final List<String> SOURCES = List.of("web", "history", "live");
  private static final BigDecimal DEVIATIONS = new BigDecimal("1.5");
  private static final int JUDGED_AFTER = 3;

  static LongStream seeds() {
    return LongStream.range(0, HISTORIES);
  }

  /** What a producer sends; the payload's bytes are its number. */
  private record Sent(
      String user,
      String id,
      Instant time,
      String type,
      Long value,
      String source,
      Instant receivedAt,
      int payload) {

    EventContent content() {
      Map<EventField, Object> fields = new EnumMap<>(EventField.class);
      fields.put(EventField.USER_ID, user);
      fields.put(EventField.EVENT_TIME, time);
      fields.put(EventField.EVENT_TYPE, type);
      if (id != null) {
        fields.put(EventField.EVENT_ID, id);
      }
      if (value != null) {
        fields.put(EventField.VALUE_MICROS, value);
      }
      return new EventContent(fields);
    }

    Sent again(String spelling, Instant later) {
      return new Sent(user, id, time, spelling, value, source, later, payload);
    }

    Arrival arrival(long offset) {
      return new Arrival(
          new Origin(Events.TOPIC_ID, 0, offset),
          user,
          source,
          receivedAt,
          0,
          CanonicalHash.start().add(payload).digest128(),
          new Arrival.Reading(content(), List.of()));
    }
  }

  /** Horizons and bound of a contract, in words that the twin reads too. */
  private record Terms(Duration horizon, Map<String, Duration> bySource, int maxIds) {

    static Terms random(Random random) {
      Duration horizon = pick(random, List.of(Duration.ofMinutes(10), Duration.ofDays(1)));
      Map<String, Duration> bySource = new TreeMap<>();
      if (random.nextBoolean()) {
        bySource.put("history", horizon.multipliedBy(2 + random.nextInt(8)));
      }
      if (random.nextBoolean()) {
        bySource.put("live", horizon.dividedBy(4));
      }
      return new Terms(horizon, bySource, pick(random, List.of(8, 9, 15, 40, 100_000)));
    }

    Duration horizonOf(String source) {
      return bySource.getOrDefault(source, horizon);
    }

    Duration longest() {
      return SOURCES.stream().map(this::horizonOf).reduce(horizon, Terms::longer);
    }

    private static Duration longer(Duration one, Duration other) {
      return one.compareTo(other) >= 0 ? one : other;
    }

    Cleansing cleansing() {
      ContractBuilder contract =
          aContract()
              .horizon(horizon)
              .maxIds(maxIds)
              .maxFuture(Duration.ofSeconds(30))
              .field(RuleBuilder.of(EventField.EVENT_ID).normalised(new Normaliser.Trim()))
              .field(
                  RuleBuilder.of(EventField.EVENT_TYPE)
                      .required()
                      .normalised(new Normaliser.Trim(), new Normaliser.LowerCase()))
              .field(
                  RuleBuilder.of(EventField.VALUE_MICROS)
                      .range(BigDecimal.ZERO, null)
                      .outlier(new Outlier(null, DEVIATIONS, null, JUDGED_AFTER)));
      bySource.forEach(contract::horizonOf);
      return new Cleansing(contract.build(), SmallLookups.NONE);
    }
  }

  private static <T> T pick(Random random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** Retries, conflicts, late and future events, and some without an id, for a few users. */
  private static List<Sent> history(Random random, Terms terms) {
    List<Sent> history = new ArrayList<>();
    long pace = terms.horizon().toMillis() / (5 + random.nextInt(60));
    int ids = 5 + random.nextInt(60);
    Instant clock = NOON;
    for (int i = 0; i < EVENTS; i++) {
      clock = clock.plusMillis(random.nextLong(pace + 1));
      if (!history.isEmpty() && random.nextInt(4) == 0) {
        // Mostly one that came a moment ago.
        int back = 1 + random.nextInt(random.nextBoolean() ? 8 : 200);
        Sent before = history.get(Math.max(0, history.size() - back));
        // Another spelling has the same normal form and is other content all the same.
        String spelling = random.nextInt(5) == 0 ? before.type() + " " : before.type();
        history.add(before.again(spelling, clock));
      } else {
        history.add(anEvent(random, terms, ids, clock));
      }
    }
    return history;
  }

  private static Sent anEvent(Random random, Terms terms, int ids, Instant clock) {
    long behind = random.nextInt(3) == 0 ? random.nextLong(terms.longest().toMillis() * 5 / 4) : 0;
    Instant time = clock.minusMillis(behind).plusMillis(random.nextInt(100) == 0 ? 30_001 : 0);
    String id = random.nextInt(10) == 0 ? null : "e-" + random.nextInt(ids);
    return new Sent(
        "user-" + random.nextInt(3),
        id != null && random.nextInt(10) == 0 ? id + " " : id,
        time,
        pick(random, List.of("view", "View", " view", "", "buy")),
        random.nextBoolean() ? random.nextLong(-20, 1_000) : null,
        pick(random, SOURCES),
        clock,
        random.nextInt(50));
  }

  /** One line that tells all that matters of an outcome. */
  private static String inWords(Outcome outcome) {
    if (outcome instanceof Accepted accepted) {
      return "accepted"
          + (accepted.event().late() ? " late" : "")
          + (accepted.event().eventIdDerived() ? " derived" : " " + accepted.event().eventId())
          + " "
          + accepted.event().eventType()
          + " "
          + accepted.event().flags();
    }
    if (outcome instanceof Duplicate duplicate) {
      return "duplicate of " + duplicate.first().offset();
    }
    Rejected rejected = (Rejected) outcome;
    return "rejected "
        + rejected.violations().stream().map(Violation::rule).toList()
        + (rejected.first() == null ? "" : " first " + rejected.first().offset());
  }

  /** The obvious twin: everything accepted of one user, in a list. */
  private static final class ObviousUser {

    private record Entry(String identity, Instant time, EventContent content, long offset) {}

    private final List<Entry> remembered = new ArrayList<>();
    private final List<BigInteger> values = new ArrayList<>();
    private Instant watermark;
    private Instant floor = Instant.MIN;

    String clean(Sent sent, long offset, Terms terms) {
      List<Reason> wrong = new ArrayList<>();
      if (sent.type().isBlank()) {
        wrong.add(Reason.MISSING_FIELD);
      }
      if (sent.value() != null && sent.value() < 0) {
        wrong.add(Reason.OUT_OF_RANGE);
      }
      if (sent.time().isAfter(sent.receivedAt().plusSeconds(30))) {
        wrong.add(Reason.EVENT_TIME_IN_FUTURE);
      }
      if (!wrong.isEmpty()) {
        return "rejected " + wrong;
      }
      if (watermark != null
          && (sent.time().isBefore(watermark.minus(terms.horizonOf(sent.source())))
              || !sent.time().isAfter(floor))) {
        return "rejected " + List.of(Reason.BEYOND_HORIZON);
      }
      String identity =
          sent.id() == null
              ? "derived of " + sent.source() + " and " + sent.payload()
              : "sent " + sent.id().strip();
      for (int i = remembered.size() - 1; i >= 0; i--) {
        Entry entry = remembered.get(i);
        if (entry.identity().equals(identity) && !isForgotten(entry, terms)) {
          return entry.content().equals(sent.content())
              ? "duplicate of " + entry.offset()
              : "rejected " + List.of(Reason.EVENT_ID_CONFLICT) + " first " + entry.offset();
        }
      }
      return accept(sent, identity, offset, terms);
    }

    private boolean isForgotten(Entry entry, Terms terms) {
      return entry.time().isBefore(watermark.minus(terms.longest()));
    }

    private String accept(Sent sent, String identity, long offset, Terms terms) {
      boolean late = watermark != null && sent.time().isBefore(watermark);
      watermark = watermark == null || sent.time().isAfter(watermark) ? sent.time() : watermark;
      remembered.removeIf(entry -> entry.identity().equals(identity) || isForgotten(entry, terms));
      if (remembered.size() + 1 > terms.maxIds()) {
        int keep = terms.maxIds() - terms.maxIds() / 8;
        remembered.sort(Comparator.comparing(Entry::time));
        floor = remembered.get(remembered.size() - keep).time();
        remembered.removeIf(entry -> !entry.time().isAfter(floor));
      }
      remembered.add(new Entry(identity, sent.time(), sent.content(), offset));
      List<String> flags = flags(sent.value());
      if (sent.value() != null) {
        values.add(BigInteger.valueOf(sent.value()));
      }
      return "accepted"
          + (late ? " late" : "")
          + (sent.id() == null ? " derived" : " " + sent.id().strip())
          + " "
          + sent.type().strip().toLowerCase(Locale.ROOT)
          + " "
          + flags;
    }

    /** n²·(v − mean)² &gt; d²·n·Σ(xᵢ − mean)²·n, with every mean multiplied out. */
    private List<String> flags(Long value) {
      if (value == null || values.size() < JUDGED_AFTER) {
        return List.of();
      }
      BigInteger n = BigInteger.valueOf(values.size());
      BigInteger sum = values.stream().reduce(BigInteger.ZERO, BigInteger::add);
      BigInteger spread =
          values.stream()
              .map(x -> n.multiply(x).subtract(sum).pow(2))
              .reduce(BigInteger.ZERO, BigInteger::add);
      BigInteger distance = n.multiply(BigInteger.valueOf(value)).subtract(sum).pow(2).multiply(n);
      return new BigDecimal(distance).compareTo(DEVIATIONS.pow(2).multiply(new BigDecimal(spread)))
              > 0
          ? List.of("value_micros:OUTLIER_Z_SCORE")
          : List.of();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theFoldDecidesAsTheObviousTwinDoes(long seed) {
    Random random = new Random(seed);
    Terms terms = Terms.random(random);
    Cleansing cleansing = terms.cleansing();
    Map<String, Host> hosts = new HashMap<>();
    Map<String, ObviousUser> twins = new HashMap<>();
    int offset = 0;

    for (Sent sent : history(random, terms)) {
      Host host = hosts.computeIfAbsent(sent.user(), u -> new Host());
      ObviousUser twin = twins.computeIfAbsent(sent.user(), u -> new ObviousUser());

      String outcome = inWords(host.host(cleansing, sent.arrival(offset)));

      assertThat(outcome)
          .as("seed %d, event %d: %s under %s", seed, offset, sent, terms)
          .isEqualTo(twin.clean(sent, offset, terms));
      offset++;
    }
    hosts.forEach(
        (user, host) -> {
          assertThat(host.size())
              .as("seed %d, ids of %s", seed, user)
              .isLessThanOrEqualTo(terms.maxIds());
          assertThat(host.ledger().size()).isEqualTo(host.size());
        });
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyOrderThatKeepsEachUsersOwnGivesTheSameOutcomes(long seed) {
    Random random = new Random(seed);
    Terms terms = Terms.random(random);
    List<Arrival> arrivals = arrivals(history(random, terms));

    assertThat(outcomes(terms.cleansing(), shuffledBetweenUsers(arrivals, random)))
        .as("seed %d", seed)
        .isEqualTo(outcomes(terms.cleansing(), arrivals));
  }

  private static List<Arrival> arrivals(List<Sent> history) {
    List<Arrival> arrivals = new ArrayList<>();
    history.forEach(sent -> arrivals.add(sent.arrival(arrivals.size())));
    return arrivals;
  }

  private static Map<Long, Outcome> outcomes(Cleansing cleansing, List<Arrival> arrivals) {
    Map<String, Host> hosts = new HashMap<>();
    Map<Long, Outcome> outcomes = new TreeMap<>();
    for (Arrival arrival : arrivals) {
      Host host = hosts.computeIfAbsent(arrival.key(), u -> new Host());
      outcomes.put(arrival.origin().offset(), host.host(cleansing, arrival));
    }
    return outcomes;
  }

  private static List<Arrival> shuffledBetweenUsers(List<Arrival> arrivals, Random random) {
    Map<String, Deque<Arrival>> byUser = new TreeMap<>();
    arrivals.forEach(
        arrival -> byUser.computeIfAbsent(arrival.key(), u -> new ArrayDeque<>()).add(arrival));
    List<Arrival> shuffled = new ArrayList<>();
    while (!byUser.isEmpty()) {
      String user = pick(random, List.copyOf(byUser.keySet()));
      shuffled.add(byUser.get(user).remove());
      if (byUser.get(user).isEmpty()) {
        byUser.remove(user);
      }
    }
    return shuffled;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aRestartFromTheStoredBytesAtEveryPointGivesTheSameOutcomes(long seed) {
    Random random = new Random(seed);
    Terms terms = Terms.random(random);
    Map<String, Host> steady = new HashMap<>();
    Map<String, Host> restarted = new HashMap<>();
    int offset = 0;

    for (Sent sent : history(random, terms)) {
      Arrival arrival = sent.arrival(offset);
      Host host = restarted.computeIfAbsent(sent.user(), u -> new Host());
      // Once with the state and the artifacts of before, once with nothing but the bytes.
      host.restart();

      assertThat(host.host(terms.cleansing(), arrival))
          .as("seed %d, event %d", seed, offset)
          .isEqualTo(
              steady
                  .computeIfAbsent(sent.user(), u -> new Host())
                  .host(terms.cleansing(), arrival));
      offset++;
    }
    restarted.forEach(
        (user, host) -> {
          assertThat(host.bytes()).as("seed %d", seed).isEqualTo(steady.get(user).bytes());
        });
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void noChangeOfContractMakesAnEventCountTwice(long seed) {
    Random random = new Random(seed);
    Terms terms = Terms.random(random);
    List<Sent> history = history(random, terms);
    Map<String, Host> hosts = new HashMap<>();
    Set<List<Object>> accepted = new HashSet<>();
    int offset = 0;

    for (Sent sent : history) {
      if (random.nextInt(20) == 0) {
        terms = Terms.random(random);
      }
      Host host = hosts.computeIfAbsent(sent.user(), u -> new Host());
      Outcome outcome = host.host(terms.cleansing(), sent.arrival(offset));
      if (outcome instanceof Accepted event) {
        assertThat(accepted.add(List.of(sent.user(), event.event().eventId(), sent.content())))
            .as("seed %d: event %d is counted for the first time", seed, offset)
            .isTrue();
        assertThat(host.size()).isEqualTo(host.ledger().size());
      }
      offset++;
    }
  }

  /** The laws above say little if the histories hold nothing of interest. */
  @Test
  void theHistoriesHoldEveryKindOfOutcome() {
    Map<String, Integer> kinds = new TreeMap<>();
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      Terms terms = Terms.random(random);
      Map<Long, Outcome> outcomes = outcomes(terms.cleansing(), arrivals(history(random, terms)));
      outcomes.values().forEach(outcome -> kinds.merge(kind(outcome), 1, Integer::sum));
    }

    assertThat(kinds)
        .containsOnlyKeys(
            "accepted",
            "accepted, derived id",
            "accepted, flagged",
            "accepted, late",
            "accepted, others forgotten at the bound",
            "duplicate",
            "rejected BEYOND_HORIZON",
            "rejected EVENT_ID_CONFLICT",
            "rejected EVENT_TIME_IN_FUTURE",
            "rejected MISSING_FIELD",
            "rejected OUT_OF_RANGE");
    assertThat(kinds.values()).as("%s", kinds).allMatch(count -> count >= 20);
  }

  private static String kind(Outcome outcome) {
    if (outcome instanceof Accepted accepted) {
      if (accepted.forgotten() > 0) {
        return "accepted, others forgotten at the bound";
      }
      if (accepted.event().late()) {
        return "accepted, late";
      }
      if (accepted.event().eventIdDerived()) {
        return "accepted, derived id";
      }
      return accepted.event().flags().isEmpty() ? "accepted" : "accepted, flagged";
    }
    return outcome instanceof Rejected rejected
        ? "rejected " + rejected.violations().get(0).rule()
        : "duplicate";
  }
}
