package dev.millrace.schemas;

import com.google.re2j.Pattern;
import dev.millrace.core.cleansing.FieldRule;
import dev.millrace.core.cleansing.FieldRule.Pii;
import dev.millrace.core.cleansing.FieldRule.Reference;
import dev.millrace.core.cleansing.FieldRule.Type;
import dev.millrace.core.cleansing.Normaliser;
import dev.millrace.core.cleansing.Outlier;
import dev.millrace.core.cleansing.Range;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compiles what a contract says of one field or attribute. */
final class RuleDeclaration {

  private static final java.util.regex.Pattern WITH_ARGUMENT =
      java.util.regex.Pattern.compile("([a-z]+)\\(([^()]+)\\)");

  private RuleDeclaration() {}

  /**
   * Compiles one rule; what is wrong is noted there.
   *
   * @param name of the field or attribute
   * @param longestText where the rule bounds no length itself
   */
  static FieldRule compile(Declaration rule, String name, Type type, int longestText) {
    @Nullable Pii pii = rule.has("pii") ? rule.oneOf("pii", List.of(Pii.values()), Pii.MASK) : null;
    if (type != Type.STRING) {
      for (String key : List.of("normalize", "length", "pattern", "pii", "reference")) {
        if (rule.has(key)) {
          rule.problem(key, "'%s' is for texts, and %s is none".formatted(key, name));
        }
      }
    }
    boolean required = rule.flag("required");
    @Nullable Object otherwise = rule.has("default") ? value(rule, "default", type) : null;
    if (required && otherwise != null) {
      rule.problem("default", "give either 'required' or 'default': a default fills every gap");
    }
    int shortest = 0;
    int longest = longestText;
    @Nullable Declaration length = rule.map("length");
    if (length != null) {
      length.allowOnly(Set.of("min", "max"));
      shortest = length.wholeNumber("min", 0, 0);
      longest = length.wholeNumber("max", 1, longestText);
      if (longest < shortest) {
        length.problem("min", "'min' must not be greater than 'max'");
        longest = shortest;
      }
    }
    FieldRule compiled =
        new FieldRule(
            name,
            type,
            required,
            normalisers(rule),
            otherwise,
            shortest,
            longest,
            pattern(rule),
            allowed(rule, type),
            range(rule, type),
            pii,
            outlier(rule, type),
            reference(rule));
    @Nullable String wrong = compiled.wrongWithDefault();
    if (wrong != null) {
      rule.problem("default", "the default breaks its own rule: it " + wrong);
    }
    return compiled;
  }

  private static List<Normaliser> normalisers(Declaration rule) {
    List<Normaliser> normalisers = new ArrayList<>();
    for (String text : rule.texts("normalize")) {
      java.util.regex.Matcher call = WITH_ARGUMENT.matcher(text);
      boolean withArgument = call.matches();
      try {
        normalisers.add(
            normaliser(withArgument ? call.group(1) : text, withArgument ? call.group(2) : null));
      } catch (IllegalArgumentException e) {
        rule.problem("normalize", String.valueOf(e.getMessage()));
      }
    }
    return normalisers;
  }

  private static Normaliser normaliser(String name, @Nullable String argument) {
    if (argument != null) {
      switch (name) {
        case "phone":
          return new Normaliser.Phone(argument);
        case "date":
          return new Normaliser.UtcTime(zone(argument));
        default:
          throw new IllegalArgumentException(
              "'%s' takes nothing in brackets; only phone(REGION) and date(ZONE) do"
                  .formatted(name));
      }
    }
    return switch (name) {
      case "trim" -> new Normaliser.Trim();
      case "lower" -> new Normaliser.LowerCase();
      case "upper" -> new Normaliser.UpperCase();
      case "nfc" -> new Normaliser.Composed();
      case "email" -> new Normaliser.Email();
      case "date" -> new Normaliser.UtcTime(ZoneId.of("UTC"));
      case "phone" ->
          throw new IllegalArgumentException(
              "a phone number needs its country; write phone(DE), say");
      default ->
          throw new IllegalArgumentException(
              "'%s' is no normaliser; use trim, lower, upper, nfc, email, phone(REGION) or date(ZONE)"
                  .formatted(name));
    };
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'%s' is no time zone; write one like Europe/Berlin or UTC".formatted(name), e);
    }
  }

  private static @Nullable Pattern pattern(Declaration rule) {
    @Nullable String text = rule.optionalText("pattern");
    if (text == null) {
      return null;
    }
    try {
      return Re2.compile(text);
    } catch (IllegalArgumentException e) {
      rule.problem("pattern", String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static Set<Object> allowed(Declaration rule, Type type) {
    Set<Object> allowed = new TreeSet<>();
    if (rule.has("enum") && type != Type.STRING && type != Type.INTEGER) {
      rule.problem("enum", "'enum' is for texts and whole numbers; use 'range'");
      return allowed;
    }
    for (String text : rule.texts("enum")) {
      if (type == Type.STRING) {
        allowed.add(text);
      } else {
        try {
          allowed.add(Long.parseLong(text));
        } catch (NumberFormatException e) {
          rule.problem("enum", "'%s' is no whole number".formatted(text));
        }
      }
    }
    if (rule.has("enum") && allowed.isEmpty()) {
      rule.problem("enum", "'enum' allows nothing; list the values");
    }
    return allowed;
  }

  private static @Nullable Range range(Declaration rule, Type type) {
    @Nullable Declaration bounds = rule.map("range");
    if (bounds == null) {
      return null;
    }
    bounds.allowOnly(Set.of("min", "max"));
    if (type == Type.STRING || type == Type.BOOLEAN) {
      rule.problem("range", "'range' is for numbers and times");
      return null;
    }
    return range(bounds, bound(bounds, "min", type), bound(bounds, "max", type));
  }

  private static @Nullable Range range(
      Declaration bounds, @Nullable Comparable<?> min, @Nullable Comparable<?> max) {
    if (min == null && max == null) {
      bounds.problem("min", "give 'min', 'max' or both");
      return null;
    }
    try {
      return new Range(min, max);
    } catch (IllegalArgumentException e) {
      bounds.problem("min", String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static @Nullable Comparable<?> bound(Declaration bounds, String key, Type type) {
    if (type != Type.TIME) {
      return bounds.decimal(key);
    }
    @Nullable String text = bounds.optionalText(key);
    if (text == null) {
      return null;
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      bounds.problem(key, "write a time like \"2026-01-01T00:00:00Z\", in quotes");
      return null;
    }
  }

  private static @Nullable Object value(Declaration rule, String key, Type type) {
    switch (type) {
      case STRING:
        return rule.text(key);
      case BOOLEAN:
        return rule.flag(key);
      case NUMBER:
        BigDecimal number = rule.decimal(key);
        return number == null ? null : number.doubleValue();
      case INTEGER:
      case MICROS:
        return rule.integer(key);
      case TIME:
      default:
        rule.problem(key, "a time has no default");
        return null;
    }
  }

  private static @Nullable Outlier outlier(Declaration rule, Type type) {
    @Nullable Declaration outlier = rule.map("outlier");
    if (outlier == null) {
      return null;
    }
    outlier.allowOnly(Set.of("min", "max", "z_score", "iqr", "after"));
    if (type != Type.INTEGER && type != Type.MICROS) {
      rule.problem("outlier", "outliers are told of whole numbers and micros");
      return null;
    }
    @Nullable BigDecimal min = outlier.decimal("min");
    @Nullable BigDecimal max = outlier.decimal("max");
    @Nullable Range usual = min == null && max == null ? null : range(outlier, min, max);
    @Nullable BigDecimal zScore = aboveZero(outlier, "z_score");
    @Nullable BigDecimal fence = aboveZero(outlier, "iqr");
    if (usual == null && zScore == null && fence == null) {
      outlier.problem("min", "say what is odd: 'min', 'max', 'z_score' or 'iqr'");
    }
    return new Outlier(usual, zScore, fence, outlier.wholeNumber("after", 2, 30));
  }

  private static @Nullable BigDecimal aboveZero(Declaration of, String key) {
    @Nullable BigDecimal number = of.decimal(key);
    if (number != null && number.signum() <= 0) {
      of.problem(key, "'%s' must be greater than 0".formatted(key));
      return null;
    }
    return number;
  }

  private static @Nullable Reference reference(Declaration rule) {
    @Nullable Declaration reference = rule.map("reference");
    if (reference == null) {
      return null;
    }
    reference.allowOnly(Set.of("set", "unknown"));
    String set = reference.text("set");
    if (!set.isEmpty() && !ContractDeclaration.NAME.matcher(set).matches()) {
      reference.problem("set", "a reference set is named by lower case letters, digits and dashes");
    }
    String unknown = reference.text("unknown");
    if (!unknown.isEmpty() && !unknown.equals("quarantine") && !unknown.equals("flag")) {
      reference.problem("unknown", "an unknown value is either: quarantine, or: flag");
    }
    return new Reference(set, unknown.equals("quarantine"));
  }
}
