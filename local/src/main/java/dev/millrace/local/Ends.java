package dev.millrace.local;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The ends that raw events came to, each list of them kept once and known by its number: very many
 * events come to very few different ends.
 */
final class Ends {

  private final List<List<End>> lists = new ArrayList<>();
  private final Map<List<End>, Integer> numbers = new HashMap<>();

  /** The number of what was known by that number, with one end more. */
  int plus(int number, End end) {
    return number(Stream.concat(of(number).stream(), Stream.of(end)).toList());
  }

  private int number(List<End> ends) {
    Integer known = numbers.putIfAbsent(ends, lists.size());
    if (known == null) {
      lists.add(ends);
      return lists.size() - 1;
    }
    return known;
  }

  /** Empty for {@link Places#NONE}. */
  List<End> of(int number) {
    return number == Places.NONE ? List.of() : lists.get(number);
  }
}
