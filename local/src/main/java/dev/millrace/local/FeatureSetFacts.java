package dev.millrace.local;

import dev.millrace.core.features.Derived;
import dev.millrace.core.features.Feature;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.Parity;
import dev.millrace.schemas.FeatureSetDeclaration;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a feature set costs and promises, which its declaration does not say. */
final class FeatureSetFacts {

  private static final String INDENT = "    ";

  private FeatureSetFacts() {}

  /** Columns, the bound of a user's state, and the features of each parity class; a few lines. */
  static String told(FeatureSet set) {
    StringBuilder facts =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s%s; a user's state takes at most %,d bytes of %,d",
                INDENT,
                Plural.of(set.columns().size(), "column"),
                new FeatureFold(set).greatestBytes(),
                FeatureSetDeclaration.GREATEST_STATE));
    featuresByParity(set)
        .forEach(
            (parity, features) ->
                facts.append(
                    String.format(
                        "%n%s%-10s  %s", INDENT, parity.text(), String.join(", ", features))));
    return facts.toString();
  }

  private static Map<Parity, Set<String>> featuresByParity(FeatureSet set) {
    Map<Parity, Set<String>> features = new EnumMap<>(Parity.class);
    for (Feature feature : set.features()) {
      add(features, Parity.of(feature), feature.name());
    }
    List<Parity> classes = Parity.ofColumns(set);
    int derivedFrom = classes.size() - set.derived().size();
    for (int i = 0; i < set.derived().size(); i++) {
      Derived derived = set.derived().get(i);
      add(features, classes.get(derivedFrom + i), derived.name());
    }
    return features;
  }

  private static void add(Map<Parity, Set<String>> features, Parity parity, String name) {
    features.computeIfAbsent(parity, none -> new LinkedHashSet<>()).add(name);
  }
}
