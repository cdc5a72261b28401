package dev.millrace.core.cleansing;

import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.expression.Expression;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Holds events against a contract; what it asks again and again is found beforehand. */
final class ContractCheck {

  private static final EventField[] FIELDS = EventField.values();

  private static final List<EventField> PLACE =
      List.of(EventField.COUNTRY, EventField.REGION, EventField.CITY);

  /** An event after its contract. */
  record Checked(EventContent content, List<Violation> violations, List<String> flags) {}

  private final Contract contract;

  /** By the field's place in {@link EventField}. */
  private final FieldRule[] rules = new FieldRule[FIELDS.length];

  private final List<FieldRule> outliers;
  private final List<FieldRule> learning;
  private final boolean concealsFields;
  private final boolean concealsAttributes;

  ContractCheck(Contract contract) {
    this.contract = contract;
    for (EventField field : FIELDS) {
      rules[field.ordinal()] = Objects.requireNonNull(contract.fields().get(field));
    }
    this.outliers = contract.rules().filter(rule -> rule.outlier() != null).toList();
    this.learning =
        outliers.stream().filter(rule -> Objects.requireNonNull(rule.outlier()).learns()).toList();
    this.concealsFields = contract.fields().values().stream().anyMatch(rule -> rule.pii() != null);
    this.concealsAttributes =
        concealsFields
            || contract.attributes().values().stream().anyMatch(rule -> rule.pii() != null);
  }

  private FieldRule rule(EventField field) {
    return rules[field.ordinal()];
  }

  /**
   * Completes, normalises and checks an event; all that is wrong is found.
   *
   * @param unreadable fields and attributes whose values could not be read; already violations
   * @param profile what the user's values were like, by field
   */
  Checked check(
      EventContent sent,
      Set<String> unreadable,
      Function<String, RunningStats> profile,
      Lookups lookups) {
    Findings findings = new Findings();
    EventContent.Builder checked = sent.change();
    if (contract.geo()) {
      locate(sent, checked, lookups, findings);
    }
    EventContent given = checked.build();
    @Nullable Expression category = contract.category();
    for (EventField field : FIELDS) {
      if (category != null && field == EventField.EVENT_CATEGORY) {
        continue; // stays for the derivation to use; the rule judges its result
      }
      FieldRule rule = rule(field);
      boolean isUnreadable = !unreadable.isEmpty() && unreadable.contains(rule.name());
      checked.put(field, isUnreadable ? null : rule.check(given.value(field), lookups, findings));
    }
    checkAttributes(sent, checked, unreadable, lookups, findings);

    EventContent complete = checked.build();
    Set<String> unknown = violated(unreadable, findings);
    if (category != null) {
      @Nullable Object derived = category.evaluate(scope(complete, unknown));
      checked.put(EventField.EVENT_CATEGORY, null);
      if (derived == Expression.NO_VALUE && !unknown.isEmpty()) {
        unknown.add(EventField.EVENT_CATEGORY.fieldName());
      } else {
        @Nullable Object text = derived instanceof String ? derived : null;
        checked.put(
            EventField.EVENT_CATEGORY,
            rule(EventField.EVENT_CATEGORY).check(text, lookups, findings));
        unknown = violated(unknown, findings);
      }
      complete = checked.build();
    }
    Expression.Scope scope = scope(complete, unknown);
    for (Check check : contract.checks()) {
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

  private void checkAttributes(
      EventContent sent,
      EventContent.Builder into,
      Set<String> unreadable,
      Lookups lookups,
      Findings findings) {
    SortedMap<String, FieldRule> declared = contract.attributes();
    if (sent.attributes().isEmpty() && declared.isEmpty()) {
      return;
    }
    SortedMap<String, Object> checked = new TreeMap<>();
    declared.forEach(
        (name, rule) -> {
          if (!unreadable.contains(name)) {
            @Nullable Object value = rule.check(sent.attributes().get(name), lookups, findings);
            if (value != null) {
              checked.put(name, value);
            }
          }
        });
    sent.attributes()
        .forEach(
            (name, value) -> {
              if (!declared.containsKey(name) && !unreadable.contains(name)) {
                checked.put(name, undeclared(name, value, findings));
              }
            });
    into.attributes(checked);
  }

  private Object undeclared(String name, Object value, Findings findings) {
    int longest = contract.longestText();
    if (value instanceof String text
        && text.length() > longest
        && text.codePointCount(0, text.length()) > longest) {
      findings.violation(Reason.TOO_LONG, name, "has more than " + longest + " characters");
    }
    return value;
  }

  /**
   * Puts the event's place in, before the rules, so that they judge what will be published. All
   * three or none: a city of one source in a country of another would be no place.
   */
  private void locate(
      EventContent sent, EventContent.Builder into, Lookups lookups, Findings findings) {
    for (EventField field : PLACE) {
      @Nullable String text = sent.text(field);
      if (text != null && !text.isBlank()) {
        return;
      }
    }
    Findings ofAddress = new Findings();
    @Nullable Object address =
        rule(EventField.IP).check(sent.value(EventField.IP), lookups, ofAddress);
    if (address == null || !ofAddress.violations().isEmpty()) {
      return;
    }
    Lookups.@Nullable Place place = lookups.locate((String) address);
    if (place == null) {
      findings.flag(Flag.GEO_UNAVAILABLE, EventField.IP.fieldName());
      return;
    }
    fill(into, EventField.COUNTRY, place.country());
    fill(into, EventField.REGION, place.region());
    fill(into, EventField.CITY, place.city());
  }

  /** What the database does not know stays as it was sent. */
  private static void fill(EventContent.Builder into, EventField field, @Nullable String known) {
    if (known != null) {
      into.put(field, known);
    }
  }

  private void judge(
      EventContent event, Function<String, RunningStats> profile, Findings findings) {
    for (FieldRule rule : outliers) {
      if (event.value(rule.name()) instanceof Long value) {
        Objects.requireNonNull(rule.outlier())
            .judge(rule.name(), value, profile.apply(rule.name()), findings);
      }
    }
  }

  /** The event's values that are compared with the user's later ones, by field. */
  SortedMap<String, Long> learnable(EventContent event) {
    if (learning.isEmpty()) {
      return Collections.emptySortedMap();
    }
    SortedMap<String, Long> values = new TreeMap<>();
    for (FieldRule rule : learning) {
      if (event.value(rule.name()) instanceof Long value) {
        values.put(rule.name(), value);
      }
    }
    return values;
  }

  /** Those of the fields whose values no rule asks about any more. */
  List<String> unlearn(Set<String> known) {
    List<String> unlearn = new ArrayList<>(0);
    for (String field : known) {
      boolean asked = false;
      for (FieldRule rule : learning) {
        asked |= rule.name().equals(field);
      }
      if (!asked) {
        unlearn.add(field);
      }
    }
    return unlearn;
  }

  /** The event as others may see it. */
  EventContent conceal(EventContent event, Lookups lookups) {
    if (!concealsFields && !concealsAttributes) {
      return event;
    }
    EventContent.Builder seen = event.change();
    event.forEachField((field, value) -> seen.put(field, rule(field).concealed(value, lookups)));
    if (concealsAttributes && !event.attributes().isEmpty()) {
      SortedMap<String, Object> extra = new TreeMap<>();
      event
          .attributes()
          .forEach(
              (name, value) -> {
                // A producer may call an attribute like a field, whose values must not be seen.
                @Nullable FieldRule rule =
                    EventField.named(name)
                        .map(this::rule)
                        .orElseGet(() -> contract.attributes().get(name));
                extra.put(name, rule == null ? value : rule.concealed(value, lookups));
              });
      seen.attributes(extra);
    }
    return seen.build();
  }
}
