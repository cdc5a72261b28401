package dev.millrace.local;

import java.util.Locale;

/** Numbers with the words that go with them. */
final class Plural {

  private Plural() {}

  /** "1 event", "2,000 events". */
  static String of(long number, String noun) {
    return of(number, noun, noun + "s");
  }

  /** As {@link #of(long, String)}, where more than the noun changes. */
  static String of(long number, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", number, word(number, one, many));
  }

  /** The words alone. */
  static String word(long number, String one, String many) {
    return number == 1 ? one : many;
  }
}
