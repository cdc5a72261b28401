package dev.millrace.benchmarks.sidebyside;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What can be measured, in the order of the page. */
enum Measurement {
  CHAIN(
      "The chain of services against a plain loop",
      "the four services against a plain exactly-once loop",
      ChainMeasurement::run),
  FEATURES(
      "The features stage against a pass-through",
      "features-service against a pass-through, the same bytes",
      FeaturesMeasurement::run),
  WINDOWS(
      "Cost against the length of windows",
      "folding with windows of an hour to thirty days",
      FoldMeasurements::windows),
  USERS(
      "Cost against the number of users",
      "folding the events of few and of very many users",
      FoldMeasurements::users),
  COLUMNS(
      "Cost against the number of features",
      "folding one feature to forty",
      FoldMeasurements::columns),
  STATE(
      "State of a user",
      "bytes of a user's state, in memory and written down",
      StateMeasurement::run),
  RESTORE(
      "Restoring state",
      "a fresh instance reads all states from the changelog",
      RestoreMeasurement::run),
  SETTINGS(
      "Settings, one changed at a time",
      "features-service, one setting changed at a time; takes 20 minutes",
      SettingsMeasurement::run);

  private final String title;
  private final String about;

  @SuppressWarnings("ImmutableEnumChecker") // a reference to a static method keeps nothing
  private final Function<Bench, Measured> how;

  Measurement(String title, String about, Function<Bench, Measured> how) {
    this.title = title;
    this.about = about;
    this.how = how;
  }

  String argument() {
    return name().toLowerCase(Locale.ROOT);
  }

  String title() {
    return title;
  }

  String about() {
    return about;
  }

  /** Whether it is measured where nothing is named. */
  boolean isUsual() {
    return this != SETTINGS;
  }

  Measured run(Bench bench) {
    return how.apply(bench);
  }

  /**
   * The measurement of that name.
   *
   * @throws IllegalArgumentException with the names that there are
   */
  static Measurement of(String argument) {
    return Arrays.stream(values())
        .filter(one -> one.argument().equals(argument))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no measurement %s; there are %s"
                        .formatted(
                            argument,
                            Arrays.stream(values())
                                .map(Measurement::argument)
                                .collect(Collectors.joining(", ")))));
  }
}
