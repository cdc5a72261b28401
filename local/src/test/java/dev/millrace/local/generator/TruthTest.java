package dev.millrace.local.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Arrival;
import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.Cleansing;
import dev.millrace.core.Cleansing.Outcome.Accepted;
import dev.millrace.core.Cleansing.Outcome.Duplicate;
import dev.millrace.core.Cleansing.Outcome.Rejected;
import dev.millrace.core.Contract;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.UserLedger;
import dev.millrace.local.generator.Expectation.Outcome;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.SourceMapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is expected is what the real reader and the real fold decide. */
class TruthTest {

  /** Decided by rules of the contract that core can't evaluate yet; each leaves with its rule. */
  private static final Set<Kind> AWAITING_THEIR_RULE =
      EnumSet.of(
          Kind.EPOCH_ZERO,
          Kind.SECONDS_AS_MILLIS,
          Kind.LONG_EVENT_ID,
          Kind.NEGATIVE_QUANTITY,
          Kind.HUGE_QUANTITY,
          Kind.NEGATIVE_VALUE,
          Kind.HUGE_VALUE,
          Kind.NEGATIVE_DURATION,
          Kind.INVALID_EMAIL,
          Kind.INVALID_PHONE,
          Kind.BAD_CURRENCY,
          Kind.PURCHASE_WITHOUT_VALUE,
          Kind.SEVERAL);

  /** Reasons that the contract's rules bring with them. */
  private static final Set<String> AWAITED_REASONS =
      Set.of("PATTERN_MISMATCH", "INVALID_EMAIL", "INVALID_PHONE", "CHECK_FAILED");

  private static final SourceMapping MAPPING = mapping();

  private final EventReader reader =
      new EventReader(new SchemaRegistry("http://127.0.0.1:1", Duration.ofSeconds(1)));
  private final Cleansing cleansing = new Cleansing(Contract.USER_ACTIVITY);
  private final Map<String, UserLedger> ledgers = new HashMap<>();
  private long offset;

  private static SourceMapping mapping() {
    Path file = Path.of(System.getProperty("millrace.home"), "schemas", "sources", "default.yaml");
    try {
      return SourceMapping.compile(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private record Decided(Outcome outcome, List<ExpectedReason> reasons) {}

  private Decided decide(byte[] line) {
    Reading reading = reader.read(line, ContentType.JSON, MAPPING);
    @Nullable String user = reading.content().text(EventField.USER_ID);
    String key =
        user == null || user.isBlank() ? CanonicalHash.sha256Hex(line).substring(0, 32) : user;
    UserLedger ledger = ledgers.computeIfAbsent(key, any -> new MapLedger());
    Cleansing.Outcome outcome =
        cleansing.clean(
            ledger,
            new Arrival(
                new Origin("raw", 0, offset++),
                key,
                "default",
                Instant.parse("2026-06-01T00:00:00Z"),
                0,
                CanonicalHash.start().add(line).digest128(),
                reading));
    if (outcome instanceof Accepted accepted) {
      ledger.apply(accepted.change());
      return new Decided(Outcome.CLEAN, List.of());
    }
    if (outcome instanceof Duplicate) {
      return new Decided(Outcome.DUPLICATE, List.of());
    }
    return new Decided(
        Outcome.QUARANTINED,
        ((Rejected) outcome)
            .violations().stream()
                .map(found -> new ExpectedReason(found.rule().name(), found.field()))
                .sorted()
                .toList());
  }

  private static Stream<GeneratedEvent> decidable(Plan plan) {
    List<GeneratedEvent> events = new ArrayList<>();
    new GeneratedEvents(plan)
        .forEachRemaining(
            event -> {
              if (!AWAITING_THEIR_RULE.contains(event.expectation().kind())) {
                events.add(event);
              }
            });
    return events.stream();
  }

  private void assertAsExpected(GeneratedEvent event) {
    Expectation expected = event.expectation();
    assertThat(decide(event.line()))
        .as("%s: %s", expected.kind(), new String(event.line(), StandardCharsets.UTF_8))
        .isEqualTo(new Decided(expected.outcome(), expected.reasons()));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 7, 42})
  void everyLineOfAMonthIsDecidedAsExpected(long seed) {
    decidable(Plan.of(seed, "u-", 2_000, 20_000)).forEach(this::assertAsExpected);
  }

  @Test
  void soIsEveryLineOfOneUserOverMonthsHalfOfThemIrregular() {
    decidable(new Plan(3, "u-", 1, 20_000, Plan.START, 140, 0.5)).forEach(this::assertAsExpected);
  }

  @Test
  void soIsEveryLineWhenUsersAreMixedInAnotherWay() {
    Map<String, List<GeneratedEvent>> byUser =
        decidable(Plan.of(5, "u-", 500, 20_000))
            .collect(Collectors.groupingBy(event -> String.valueOf(event.expectation().user())));

    byUser.values().forEach(events -> events.forEach(this::assertAsExpected));
  }

  @Test
  void theTruthNamesTheUserThatTheReaderReads() {
    decidable(Plan.of(9, "u-", 2_000, 20_000))
        .forEach(
            event -> {
              @Nullable String read =
                  reader
                      .read(event.line(), ContentType.JSON, MAPPING)
                      .content()
                      .text(EventField.USER_ID);
              assertThat(read == null || read.isBlank() ? null : read)
                  .isEqualTo(event.expectation().user());
            });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyExpectedReasonExistsOrIsAwaited(Kind kind) {
    assertThat(kind.reasons().isEmpty()).isEqualTo(kind.outcome() != Outcome.QUARANTINED);
    assertThat(kind.reasons())
        .allMatch(
            expected ->
                AWAITED_REASONS.contains(expected.reason())
                    || Stream.of(Reason.values())
                        .anyMatch(reason -> reason.name().equals(expected.reason())));
  }

  @Test
  void kindsThatAwaitTheirRuleAreReadAsOthersAre() {
    Map<Kind, GeneratedEvent> awaiting = new EnumMap<>(Kind.class);
    new GeneratedEvents(Plan.of(7, "u-", 2_000, 20_000))
        .forEachRemaining(
            event -> {
              @Nullable Kind kind = event.expectation().kind();
              if (kind != null && AWAITING_THEIR_RULE.contains(kind)) {
                awaiting.put(kind, event);
              }
            });

    assertThat(awaiting.keySet()).isEqualTo(AWAITING_THEIR_RULE);
    awaiting.forEach(
        (kind, event) -> {
          List<String> read =
              reader.read(event.line(), ContentType.JSON, MAPPING).violations().stream()
                  .map(violation -> violation.rule() + " " + violation.field())
                  .toList();
          assertThat(kind.reasons().stream().map(r -> r.reason() + " " + r.field()))
              .as("%s", kind)
              .containsAll(read);
        });
  }

  private static final class MapLedger implements UserLedger {
    private final Map<Digest128, Seen> seen = new HashMap<>();
    private @Nullable Head head;

    @Override
    public @Nullable Head head() {
      return head;
    }

    @Override
    public @Nullable Seen find(Digest128 eventId) {
      return seen.get(eventId);
    }

    @Override
    public void forEach(BiConsumer<Digest128, Seen> action) {
      seen.forEach(action);
    }

    @Override
    public void apply(Change change) {
      head = change.head();
      change.forget().forEach(seen::remove);
      seen.put(change.remember(), change.seen());
    }
  }
}
