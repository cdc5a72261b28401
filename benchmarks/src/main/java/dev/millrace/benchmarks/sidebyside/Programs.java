package dev.millrace.benchmarks.sidebyside;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How programs that are measured, or measure by themselves, tell it on their output. */
final class Programs {

  static final String READY = "Ready to be measured";
  static final String RESULT = "Result: ";

  private Programs() {}

  static String text(Map<String, Double> result) {
    return RESULT
        + new TreeMap<>(result)
            .entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
  }

  /** What the last line among these that holds a result says, if there is one. */
  static Optional<ByName<Double>> result(String lines) {
    return lines
        .lines()
        .filter(line -> line.startsWith(RESULT))
        .reduce((first, second) -> second)
        .map(Programs::parsed);
  }

  private static ByName<Double> parsed(String line) {
    ByName<Double> result = new ByName<>();
    for (String pair : List.of(line.substring(RESULT.length()).split(" "))) {
      int equals = pair.indexOf('=');
      result.put(pair.substring(0, equals), Double.valueOf(pair.substring(equals + 1)));
    }
    return result;
  }
}
