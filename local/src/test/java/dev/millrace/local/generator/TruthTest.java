package dev.millrace.local.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Arrival;
import dev.millrace.core.Arrival.Reading;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import dev.millrace.core.cleansing.Cleansing.Outcome.Duplicate;
import dev.millrace.core.cleansing.Cleansing.Outcome.Rejected;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.cleansing.Lookups;
import dev.millrace.core.cleansing.PiiKey;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.local.generator.Expectation.Outcome;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.PiiKeys;
import dev.millrace.schemas.SourceMapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is expected is what the real reader and the real fold decide. */
class TruthTest {

  private static final Path ROOT = Path.of(System.getProperty("millrace.home"));
  private static final SourceMapping MAPPING =
      SourceMapping.compile("default.yaml", text("schemas/sources/default.yaml"));
  private static final Contract CONTRACT =
      ContractDeclaration.compile(
              "user-activity.yaml", text("schemas/contracts/user-activity.yaml"))
          .contract();

  private final EventReader reader = new EventReader();
  private final Cleansing cleansing = new Cleansing(CONTRACT, new KeyOnly());
  private final Map<String, UserLedger> ledgers = new HashMap<>();
  private long offset;

  private static String text(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As {@code ./millrace up} has it: no reference set and no geo database are active. */
  private static final class KeyOnly implements Lookups {

    private final PiiKey key =
        new PiiKeys(ROOT.resolve("local/pii-keys")).find(Objects.requireNonNull(CONTRACT.piiKey()));

    @Override
    public @Nullable Boolean contains(String referenceSet, String value) {
      return null;
    }

    @Override
    public @Nullable Place locate(String ip) {
      return null;
    }

    @Override
    public String token(String value) {
      return key.token(value);
    }
  }

  private record Decided(Outcome outcome, List<ExpectedReason> reasons) {}

  private Decided decide(byte[] line) {
    Reading reading = reader.read(line, ContentType.JSON, MAPPING);
    @Nullable String user = reading.content().text(EventField.USER_ID);
    String key =
        user == null || user.isBlank() ? CanonicalHash.sha256Hex(line).substring(0, 32) : user;
    UserLedger ledger = ledgers.computeIfAbsent(key, any -> new UserLedger());
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

  private static List<GeneratedEvent> generated(Plan plan) {
    List<GeneratedEvent> events = new ArrayList<>();
    new GeneratedEvents(plan).forEachRemaining(events::add);
    return events;
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
    generated(Plan.of(seed, "u-", 2_000, 20_000)).forEach(this::assertAsExpected);
  }

  @Test
  void soIsEveryLineOfOneUserOverMonthsHalfOfThemIrregular() {
    generated(new Plan(3, "u-", 1, 20_000, Plan.START, 140, 0.5)).forEach(this::assertAsExpected);
  }

  @Test
  void soIsEveryLineWhenUsersAreMixedInAnotherWay() {
    Map<String, List<GeneratedEvent>> byUser =
        generated(Plan.of(5, "u-", 500, 20_000)).stream()
            .collect(Collectors.groupingBy(event -> String.valueOf(event.expectation().user())));

    byUser.values().forEach(events -> events.forEach(this::assertAsExpected));
  }

  @Test
  void theTruthNamesTheUserThatTheReaderReads() {
    generated(Plan.of(9, "u-", 2_000, 20_000))
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
  void everyExpectedReasonExists(Kind kind) {
    assertThat(kind.reasons().isEmpty()).isEqualTo(kind.outcome() != Outcome.QUARANTINED);
    assertThat(kind.reasons())
        .allMatch(
            expected ->
                Stream.of(Reason.values())
                    .anyMatch(reason -> reason.name().equals(expected.reason())));
  }

  @Test
  void theLinesThatTheDemoPublishesAreOfEveryKind() {
    assertThat(generated(Plan.of(7, Plan.USER_PREFIX, 2_000, 20_000)))
        .extracting(event -> event.expectation().kind())
        .contains(Kind.values());
  }
}
