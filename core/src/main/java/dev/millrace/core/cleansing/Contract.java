package dev.millrace.core.cleansing;

import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.expression.Expression;
import java.time.Duration;
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

  private static final List<EventField> PLACE =
      List.of(EventField.COUNTRY, EventField.REGION, EventField.CITY);

  /** An event after its contract. */
  record Checked(EventContent content, List<Violation> violations, List<String> flags) {}

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
  Duration longestHorizon() {
    return sourceHorizons.values().stream()
        .filter(horizon -> horizon.compareTo(dedupHorizon) > 0)
        .max(Duration::compareTo)
        .orElse(dedupHorizon);
  }

  /**
   * Completes, normalises and checks an event; all that is wrong is found.
   *
   * @param profile what the user's values were like, by field
   * @param unreadable fields and attributes whose values could not be read; already violations
   */
  Checked check(
      EventContent sent,
      Set<String> unreadable,
      Function<String, RunningStats> profile,
      Lookups lookups) {
    Findings findings = new Findings();
    EventContent given = geo ? located(sent, lookups, findings) : sent;
    Map<EventField, Object> checked = new EnumMap<>(EventField.class);
    fields.forEach(
        (field, rule) -> {
          @Nullable Object value = given.fields().get(field);
          if (category != null && field == EventField.EVENT_CATEGORY) {
            put(checked, field, value); // for the derivation to use; the rule judges its result
          } else if (!unreadable.contains(rule.name())) {
            put(checked, field, rule.check(value, lookups, findings));
          }
        });
    SortedMap<String, Object> extra = checkedAttributes(given, unreadable, lookups, findings);

    EventContent complete = new EventContent(checked, extra);
    Set<String> unknown = violated(unreadable, findings);
    if (category != null) {
      @Nullable Object derived = category.evaluate(scope(complete, unknown));
      checked.remove(EventField.EVENT_CATEGORY);
      if (derived == Expression.NO_VALUE && !unknown.isEmpty()) {
        unknown.add(EventField.EVENT_CATEGORY.fieldName());
      } else {
        FieldRule rule = Objects.requireNonNull(fields.get(EventField.EVENT_CATEGORY));
        @Nullable Object text = derived instanceof String ? derived : null;
        put(checked, EventField.EVENT_CATEGORY, rule.check(text, lookups, findings));
        unknown.addAll(violated(unreadable, findings));
      }
      complete = new EventContent(checked, extra);
    }
    Expression.Scope scope = scope(complete, unknown);
    for (Check check : checks) {
      if (!check.holds(scope)) {
        findings.violation(
            Reason.CHECK_FAILED, check.field(), check.name() + ": " + check.message());
      }
    }
    judge(complete, profile, findings);
    return new Checked(complete, findings.violations(), findings.flags());
  }

  private static Set<String> violated(Set<String> unreadable, Findings findings) {
    Set<String> violated = new TreeSet<>(unreadable);
    findings.violations().forEach(violation -> violated.add(String.valueOf(violation.field())));
    return violated;
  }

  /**
   * The event as expressions see it. A value that was sent and is wrong is not the same as none: it
   * has no value here, so no check blames the event for the lack of it as well.
   */
  private static Expression.Scope scope(EventContent event, Set<String> unknown) {
    return name -> {
      @Nullable Object value = event.value(name);
      return value == null && unknown.contains(name) ? Expression.NO_VALUE : value;
    };
  }

  private SortedMap<String, Object> checkedAttributes(
      EventContent sent, Set<String> unreadable, Lookups lookups, Findings findings) {
    SortedMap<String, Object> checked = new TreeMap<>();
    attributes.forEach(
        (name, rule) -> {
          if (!unreadable.contains(name)) {
            put(checked, name, rule.check(sent.attributes().get(name), lookups, findings));
          }
        });
    sent.attributes()
        .forEach(
            (name, value) -> {
              if (!attributes.containsKey(name) && !unreadable.contains(name)) {
                checked.put(name, undeclared(name, value, findings));
              }
            });
    return checked;
  }

  private Object undeclared(String name, Object value, Findings findings) {
    if (value instanceof String text && text.codePointCount(0, text.length()) > longestText) {
      findings.violation(Reason.TOO_LONG, name, "has more than " + longestText + " characters");
    }
    return value;
  }

  /**
   * The event with its place, before the rules, so that they judge what will be published. All
   * three or none: a city of one source in a country of another would be no place.
   */
  private EventContent located(EventContent sent, Lookups lookups, Findings findings) {
    if (PLACE.stream().anyMatch(field -> isSent(sent.text(field)))) {
      return sent;
    }
    Findings ofAddress = new Findings();
    @Nullable Object address =
        Objects.requireNonNull(fields.get(EventField.IP))
            .check(sent.fields().get(EventField.IP), lookups, ofAddress);
    if (address == null || !ofAddress.violations().isEmpty()) {
      return sent;
    }
    Lookups.@Nullable Place place = lookups.locate((String) address);
    if (place == null) {
      findings.flag(Flag.GEO_UNAVAILABLE, EventField.IP.fieldName());
      return sent;
    }
    Map<EventField, Object> located = new EnumMap<>(EventField.class);
    located.putAll(sent.fields());
    put(located, EventField.COUNTRY, place.country());
    put(located, EventField.REGION, place.region());
    put(located, EventField.CITY, place.city());
    return new EventContent(located, sent.attributes());
  }

  private static boolean isSent(@Nullable String text) {
    return text != null && !text.isBlank();
  }

  private void judge(
      EventContent event, Function<String, RunningStats> profile, Findings findings) {
    for (FieldRule rule : outlierRules()) {
      if (event.value(rule.name()) instanceof Long value) {
        Objects.requireNonNull(rule.outlier())
            .judge(rule.name(), value, profile.apply(rule.name()), findings);
      }
    }
  }

  /** The event's values that are compared with the user's later ones, by field. */
  SortedMap<String, Long> learnable(EventContent event) {
    SortedMap<String, Long> values = new TreeMap<>();
    for (FieldRule rule : learningRules()) {
      if (event.value(rule.name()) instanceof Long value) {
        values.put(rule.name(), value);
      }
    }
    return values;
  }

  /** Those of the fields whose values no rule asks about any more. */
  List<String> unlearn(Set<String> known) {
    if (known.isEmpty()) {
      return List.of();
    }
    List<String> asked = learningRules().stream().map(FieldRule::name).toList();
    return known.stream().filter(field -> !asked.contains(field)).toList();
  }

  private List<FieldRule> learningRules() {
    return outlierRules().stream()
        .filter(rule -> Objects.requireNonNull(rule.outlier()).learns())
        .toList();
  }

  private List<FieldRule> outlierRules() {
    return rules().filter(rule -> rule.outlier() != null).toList();
  }

  private Stream<FieldRule> rules() {
    return Stream.concat(fields.values().stream(), attributes.values().stream());
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

  /** The event as others may see it. */
  EventContent conceal(EventContent event, Lookups lookups) {
    Map<EventField, Object> seen = new EnumMap<>(EventField.class);
    event
        .fields()
        .forEach(
            (field, value) ->
                seen.put(
                    field, Objects.requireNonNull(fields.get(field)).concealed(value, lookups)));
    SortedMap<String, Object> extra = new TreeMap<>();
    event
        .attributes()
        .forEach(
            (name, value) -> {
              // A producer may call an attribute like a field, whose values must not be seen.
              @Nullable FieldRule rule =
                  EventField.named(name).map(fields::get).orElseGet(() -> attributes.get(name));
              extra.put(name, rule == null ? value : rule.concealed(value, lookups));
            });
    return new EventContent(seen, extra);
  }

  private static <K> void put(Map<K, Object> into, K key, @Nullable Object value) {
    if (value != null) {
      into.put(key, value);
    }
  }
}
