package dev.millrace.schemas;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.regex.MatchResult;
import java.util.stream.LongStream;

/**
 * Patterns of declarations. They match in linear time, whatever they are; here they are bounded in
 * size too, because a short one can repeat itself until it fills the memory.
 */
final class Re2 {

  private static final int MOST_CHARACTERS = 1_000;
  private static final int MOST_GROUPS = 100;
  private static final long MOST_REPETITIONS = 10_000;
  private static final java.util.regex.Pattern REPETITION =
      java.util.regex.Pattern.compile("\\{([0-9]{1,9})(?:,([0-9]{0,9}))?}");

  private Re2() {}

  /**
   * @throws IllegalArgumentException with what is wrong and what to do
   */
  static Pattern compile(String text) {
    if (text.length() > MOST_CHARACTERS
        || text.chars().filter(c -> c == '(').count() > MOST_GROUPS
        || repetitions(text) > MOST_REPETITIONS) {
      throw new IllegalArgumentException(
          "the pattern is too big: write one of at most %d characters, %d groups and %d repetitions"
              .formatted(MOST_CHARACTERS, MOST_GROUPS, MOST_REPETITIONS));
    }
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("the pattern is none of RE2: " + e.getMessage(), e);
    }
  }

  /** How often anything may stand in the compiled pattern; at least that. */
  private static long repetitions(String text) {
    LongStream counts =
        REPETITION.matcher(text).results().mapToLong(Re2::most).filter(count -> count > 1);
    // Only a group that is repeated as a whole can repeat what is itself repeated.
    boolean nested = text.contains("){") || text.contains("}{");
    return nested ? counts.reduce(1, (a, b) -> Math.min(a * b, Integer.MAX_VALUE)) : counts.sum();
  }

  private static long most(MatchResult repetition) {
    String to = repetition.group(2);
    return Math.max(
        Long.parseLong(repetition.group(1)), to == null || to.isEmpty() ? 1 : Long.parseLong(to));
  }
}
