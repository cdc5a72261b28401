package dev.millrace.core.cleansing;

import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.expression.Expression;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an event must satisfy to be clean, and the form that it then has.
 *
 * @param longestText Unicode characters of any text that no rule bounds, &gt;= 1
 * @param maxFuture how far event time may run ahead of arrival
 * @param dedupHorizon how far behind its user's watermark an event may be; event time
 * @param sourceHorizons the same for sources that need another
 * @param maxIdsPerUser ids remembered per user, &gt;= 8; at the bound the oldest go and the user's
 *     horizon rises to them
 * @param fields one rule for every field
 * @param attributes rules by attribute; others pass if they are not too long
 * @param checks between fields, after the rules
 * @param category what {@code event_category} becomes; null = it stays as it was sent
 * @param geo whether country, region and city are looked up by {@code ip} where none was sent
 * @param piiKey makes the tokens of fields that are not to be seen; null = there are none
 * @param sha256 of the declaration; stands on each record that this contract decided
 */
public record Contract(
    String name,
    int version,
    int longestText,
    Duration maxFuture,
    Duration dedupHorizon,
    SortedMap<String, Duration> sourceHorizons,
    int maxIdsPerUser,
    Map<EventField, FieldRule> fields,
    SortedMap<String, FieldRule> attributes,
    List<Check> checks,
    @Nullable Expression category,
    boolean geo,
    @Nullable PiiKeyName piiKey,
    String sha256) {

  /** No event is without. */
  public static final List<EventField> NEEDED =
      List.of(EventField.USER_ID, EventField.EVENT_TIME, EventField.EVENT_TYPE);

  /** What names an event on every topic, so it can't be kept from sight. */
  private static final List<EventField> IDENTITY =
      List.of(EventField.USER_ID, EventField.EVENT_ID, EventField.EVENT_TIME);

  public Contract {
    Map<EventField, FieldRule> every = new EnumMap<>(EventField.class);
    for (EventField field : EventField.values()) {
      FieldRule rule = fields.get(field);
      every.put(
          field,
          rule == null
              ? FieldRule.lenient(field.fieldName(), FieldRule.Type.of(field), longestText)
              : rule);
    }
    fields = Collections.unmodifiableMap(every);
    attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    sourceHorizons = Collections.unmodifiableSortedMap(new TreeMap<>(sourceHorizons));
    checks = List.copyOf(checks);
    for (EventField field : NEEDED) {
      if (!Objects.requireNonNull(every.get(field)).required()) {
        throw new IllegalArgumentException(field.fieldName() + " must be required");
      }
    }
    for (EventField field : IDENTITY) {
      if (Objects.requireNonNull(every.get(field)).pii() != null) {
        throw new IllegalArgumentException(
            field.fieldName() + " is seen wherever its event goes: no PII");
      }
    }
    if (longestText < 1 || maxIdsPerUser < 8) {
      throw new IllegalArgumentException("longestText must be >= 1 and maxIdsPerUser >= 8");
    }
    if (maxFuture.isNegative()
        || !isPositive(dedupHorizon)
        || !sourceHorizons.values().stream().allMatch(Contract::isPositive)) {
      throw new IllegalArgumentException("maxFuture must be >= 0 and every horizon > 0");
    }
  }

  private static boolean isPositive(Duration duration) {
    return !duration.isNegative() && !duration.isZero();
  }

  /** How far behind its user's watermark an event of the source may be. */
  Duration horizonOf(String source) {
    return sourceHorizons.getOrDefault(source, dedupHorizon);
  }

  /** How far behind the watermark ids are remembered: as far as any source may send. */
  public Duration longestHorizon() {
    return sourceHorizons.values().stream()
        .filter(horizon -> horizon.compareTo(dedupHorizon) > 0)
        .max(Duration::compareTo)
        .orElse(dedupHorizon);
  }

  Stream<FieldRule> rules() {
    return Stream.concat(fields.values().stream(), attributes.values().stream());
  }

  /**
   * What is wrong with an event that is said to have passed: nothing, unless somebody changed it.
   * What a rule looks up elsewhere is not looked up again.
   *
   * @param receivedAt when it arrived
   * @param published values of its fields and attributes, by name; null = absent
   */
  public List<Violation> violations(
      Instant receivedAt, Function<String, @Nullable Object> published) {
    Findings findings = new Findings();
    Set<String> concealed = new TreeSet<>();
    rules()
        .forEach(
            rule -> {
              rule.judge(published.apply(rule.name()), findings);
              if (rule.pii() != null) {
                concealed.add(rule.name());
              }
            });
    if (published.apply(EventField.EVENT_TIME.fieldName()) instanceof Instant eventTime
        && eventTime.isAfter(receivedAt.plus(maxFuture))) {
      findings.violation(
          Reason.EVENT_TIME_IN_FUTURE,
          EventField.EVENT_TIME.fieldName(),
          "is more than " + maxFuture + " after the event arrived");
    }
    Expression.Scope scope =
        name -> {
          @Nullable Object value = published.apply(name);
          return value != null && concealed.contains(name) ? Expression.NO_VALUE : value;
        };
    for (Check check : checks) {
      if (!check.holds(scope)) {
        findings.violation(
            Reason.CHECK_FAILED, check.field(), check.name() + ": " + check.message());
      }
    }
    return List.copyOf(findings.violations());
  }

  /** The reference sets that its rules name. */
  public SortedSet<String> referenceSets() {
    SortedSet<String> sets = new TreeSet<>();
    for (FieldRule rule : rules().toList()) {
      if (rule.reference() != null) {
        sets.add(rule.reference().set());
      }
    }
    return sets;
  }
}
