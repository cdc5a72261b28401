package dev.millrace.core.cleansing;

import dev.millrace.core.EventField;
import dev.millrace.core.expression.Expression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A contract that asks for what every event needs, and for more when it is told to. */
final class ContractBuilder {

  private int longestText = 100;
  private Duration maxFuture = Duration.ofMinutes(5);
  private Duration horizon = Duration.ofDays(7);
  private final SortedMap<String, Duration> sourceHorizons = new TreeMap<>();
  private int maxIds = 100_000;
  private final Map<EventField, FieldRule> fields = new EnumMap<>(EventField.class);
  private final SortedMap<String, FieldRule> attributes = new TreeMap<>();
  private final List<Check> checks = new ArrayList<>();
  private Expression category;
  private boolean geo;

  private ContractBuilder() {}

  static ContractBuilder aContract() {
    ContractBuilder builder = new ContractBuilder();
    for (EventField field : Contract.NEEDED) {
      builder.field(RuleBuilder.of(field).required());
    }
    return builder;
  }

  ContractBuilder longestText(int characters) {
    longestText = characters;
    return this;
  }

  ContractBuilder maxFuture(Duration ahead) {
    maxFuture = ahead;
    return this;
  }

  ContractBuilder horizon(Duration behind) {
    horizon = behind;
    return this;
  }

  ContractBuilder horizonOf(String source, Duration behind) {
    sourceHorizons.put(source, behind);
    return this;
  }

  ContractBuilder maxIds(int perUser) {
    maxIds = perUser;
    return this;
  }

  ContractBuilder field(RuleBuilder rule) {
    FieldRule built = rule.build();
    fields.put(EventField.named(built.name()).orElseThrow(), built);
    return this;
  }

  ContractBuilder attribute(RuleBuilder rule) {
    FieldRule built = rule.build();
    attributes.put(built.name(), built);
    return this;
  }

  ContractBuilder check(String name, String field, Expression must) {
    checks.add(new Check(name, field, must, "does not hold"));
    return this;
  }

  ContractBuilder category(Expression expression) {
    category = expression;
    return this;
  }

  ContractBuilder geo() {
    geo = true;
    return this;
  }

  Contract build() {
    return new Contract(
        "small",
        1,
        longestText,
        maxFuture,
        horizon,
        sourceHorizons,
        maxIds,
        fields,
        attributes,
        checks,
        category,
        geo,
        null,
        "0".repeat(64));
  }
}
