package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Arrival;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.cleansing.Lookups;
import dev.millrace.core.cleansing.UserLedger;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tests beside a contract, {@code *_test.yaml}: given these events, expect these outcomes. They
 * are folded by the very code that decides on the stream, each test from an empty ledger.
 */
public final class ContractTests {

  private static final Set<String> TEST_KEYS =
      Set.of("name", "source", "received_at", "given", "expect");
  private static final Set<String> EXPECT_KEYS = Set.of("outcome", "violations", "event", "flags");
  private static final String PAYLOAD = "payload";

  /** What a place without a key, a geo database and reference sets knows. */
  static final Lookups NOTHING_ACTIVE =
      new Lookups() {
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
          return "token";
        }
      };

  private final Contract contract;
  private final Function<String, SourceMapping> mappings;
  private final EventReader reader = new EventReader();

  private ContractTests(Contract contract, Function<String, SourceMapping> mappings) {
    this.contract = contract;
    this.mappings = mappings;
  }

  /**
   * Runs every test of a file.
   *
   * @param file its name, for messages
   * @param mappings by source; throws DeclarationException for a source that has none
   * @return how many there are
   * @throws DeclarationException if a test fails, or is none: each with its line
   */
  public static int run(
      String file, String yaml, Contract contract, Function<String, SourceMapping> mappings) {
    Declaration declaration = Declaration.parse(file, yaml);
    declaration.allowOnly(Set.of("contract", "doc", "tests"));
    String name = declaration.text("contract");
    if (!name.equals(contract.name())) {
      declaration.problem(
          "contract", "these tests stand beside the contract '%s'".formatted(contract.name()));
    }
    List<Declaration> tests = declaration.listOfMaps("tests");
    if (tests.isEmpty()) {
      declaration.problem("tests", "there is no test; list some under 'tests'");
    }
    ContractTests runner = new ContractTests(contract, mappings);
    tests.forEach(runner::run);
    declaration.requireNoProblems();
    return tests.size();
  }

  private void run(Declaration test) {
    test.allowOnly(TEST_KEYS);
    test.text("name");
    List<Declaration> given = test.listOfMaps("given");
    List<Declaration> expected = test.listOfMaps("expect");
    if (given.isEmpty() || given.size() != expected.size()) {
      test.problem(
          "expect",
          "give events and as many outcomes; there are %d and %d"
              .formatted(given.size(), expected.size()));
      return;
    }
    @Nullable String source = test.optionalText("source");
    SourceMapping mapping = mappings.apply(source == null ? "default" : source);
    Map<String, UserLedger> ledgers = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      Arrival arrival = arrival(test, mapping, payload(given.get(i)), i);
      UserLedger ledger = ledgers.computeIfAbsent(arrival.key(), key -> new UserLedger());
      Outcome outcome = new Cleansing(contract, NOTHING_ACTIVE).clean(ledger, arrival);
      if (outcome instanceof Outcome.Accepted accepted) {
        ledger.apply(accepted.change());
      }
      compare(expected.get(i), told(outcome));
    }
  }

  private static byte[] payload(Declaration event) {
    return event.has(PAYLOAD)
        ? event.text(PAYLOAD).getBytes(UTF_8)
        : CanonicalJson.write(event.asJson());
  }

  private Arrival arrival(Declaration test, SourceMapping mapping, byte[] payload, int offset) {
    String contentType =
        mapping.format() == SourceMapping.Format.CSV ? ContentType.CSV : ContentType.JSON;
    Arrival.Reading reading = reader.read(payload, contentType, mapping, null);
    @Nullable String user = reading.content().text(EventField.USER_ID);
    @Nullable Instant time = reading.content().time(EventField.EVENT_TIME);
    Digest128 hash = CanonicalHash.start().add(payload).digest128();
    return new Arrival(
        new Origin("test", 0, offset),
        user == null ? hash.hex() : user,
        mapping.name(),
        receivedAt(test, time == null ? Instant.EPOCH : time),
        0,
        hash,
        reading);
  }

  private static Instant receivedAt(Declaration test, Instant otherwise) {
    @Nullable String text = test.optionalText("received_at");
    try {
      return text == null ? otherwise : Instant.parse(text);
    } catch (DateTimeException e) {
      test.problem("received_at", "write a time like \"2026-01-01T00:00:00Z\", in quotes");
      return otherwise;
    }
  }

  /** What came, in the words of a test. */
  private static ObjectNode told(Outcome outcome) {
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    if (outcome instanceof Outcome.Accepted accepted) {
      told.put("outcome", "clean");
      told.set("event", told(accepted.event()));
      accepted.event().flags().forEach(told.putArray("flags")::add);
    } else if (outcome instanceof Outcome.Rejected rejected) {
      told.put("outcome", "quarantined");
      rejected
          .violations()
          .forEach(
              violation ->
                  told.withArray("violations")
                      .addObject()
                      .put("rule", violation.rule().name())
                      .put("field", violation.field()));
    } else {
      told.put("outcome", "duplicate");
    }
    return told;
  }

  private static ObjectNode told(CleanEvent event) {
    Map<String, Object> values = new TreeMap<>(event.content().attributes());
    event.content().fields().forEach((field, value) -> values.put(field.fieldName(), value));
    values.put("event_id", event.eventId());
    values.put("event_id_derived", event.eventIdDerived());
    values.put("late", event.late());
    values.put("processing_date", event.processingDate());
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    values.forEach((name, value) -> told.set(name, node(value)));
    return told;
  }

  private static JsonNode node(Object value) {
    if (value instanceof Boolean bool) {
      return JsonNodeFactory.instance.booleanNode(bool);
    }
    if (value instanceof Number number) {
      return JsonNodeFactory.instance.numberNode(new BigDecimal(number.toString()));
    }
    return JsonNodeFactory.instance.textNode(value.toString());
  }

  /** Only what the test names is compared; violations in any order. */
  private static void compare(Declaration expected, ObjectNode came) {
    expected.allowOnly(EXPECT_KEYS);
    expected.text("outcome");
    ObjectNode wanted = expected.asJson();
    for (String part : List.of("outcome", "flags")) {
      if (wanted.has(part) && !wanted.get(part).equals(came.path(part))) {
        differs(expected, part, wanted.get(part), came);
      }
    }
    if (wanted.has("violations")
        && !sorted(wanted.get("violations")).equals(sorted(came.path("violations")))) {
      differs(expected, "violations", wanted.get("violations"), came);
    }
    wanted
        .path("event")
        .fields()
        .forEachRemaining(
            member -> {
              JsonNode value = came.path("event").path(member.getKey());
              if (!text(member.getValue()).equals(text(value))) {
                differs(expected, "event", member.getValue(), came);
              }
            });
  }

  private static void differs(Declaration expected, String part, JsonNode wanted, ObjectNode came) {
    expected.problem(part, "expected %s, and this came: %s".formatted(wanted, came));
  }

  /** Numbers by their value, however they are spelled. */
  private static String text(JsonNode value) {
    return value.isNumber()
        ? value.decimalValue().stripTrailingZeros().toPlainString()
        : value.toString();
  }

  private static List<String> sorted(JsonNode violations) {
    List<String> rules = new ArrayList<>();
    violations.forEach(
        violation ->
            rules.add(violation.path("rule").asText() + ":" + violation.path("field").asText("")));
    rules.sort(null);
    return rules;
  }
}
