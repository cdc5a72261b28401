package dev.millrace.core.cleansing;

import com.google.re2j.Pattern;
import dev.millrace.core.EventField;
import dev.millrace.core.cleansing.FieldRule.Pii;
import dev.millrace.core.cleansing.FieldRule.Reference;
import dev.millrace.core.cleansing.FieldRule.Type;
import java.util.List;
import java.util.Set;

/** A rule that asks for nothing until it is told to. */
final class RuleBuilder {

  private final String name;
  private final Type type;
  private boolean required;
  private List<Normaliser> normalisers = List.of();
  private Object otherwise;
  private int shortest;
  private int longest = 100;
  private Pattern pattern;
  private Set<Object> allowed = Set.of();
  private Range range;
  private Pii pii;
  private Outlier outlier;
  private Reference reference;

  private RuleBuilder(String name, Type type) {
    this.name = name;
    this.type = type;
  }

  static RuleBuilder of(EventField field) {
    return new RuleBuilder(field.fieldName(), Type.of(field));
  }

  static RuleBuilder of(String attribute, Type type) {
    return new RuleBuilder(attribute, type);
  }

  RuleBuilder required() {
    required = true;
    return this;
  }

  RuleBuilder normalised(Normaliser... by) {
    normalisers = List.of(by);
    return this;
  }

  RuleBuilder otherwise(Object value) {
    otherwise = value;
    return this;
  }

  RuleBuilder length(int from, int to) {
    shortest = from;
    longest = to;
    return this;
  }

  RuleBuilder pattern(String re2) {
    pattern = Pattern.compile(re2);
    return this;
  }

  RuleBuilder allowed(Object... values) {
    allowed = Set.of(values);
    return this;
  }

  RuleBuilder range(Comparable<?> min, Comparable<?> max) {
    range = new Range(min, max);
    return this;
  }

  RuleBuilder pii(Pii how) {
    pii = how;
    return this;
  }

  RuleBuilder outlier(Outlier when) {
    outlier = when;
    return this;
  }

  RuleBuilder reference(String set, boolean refuse) {
    reference = new Reference(set, refuse);
    return this;
  }

  FieldRule build() {
    return new FieldRule(
        name,
        type,
        required,
        normalisers,
        otherwise,
        shortest,
        longest,
        pattern,
        allowed,
        range,
        pii,
        outlier,
        reference);
  }
}
