package dev.millrace.core.cleansing;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What a costly function made of the texts that it was given lately; users send the same e-mail
 * address and phone number again and again. Every text has one place, and the next one that falls
 * there takes it. It changes no result, and has a bound. Safe for several threads.
 */
final class Memo {

  private static final int PLACES = 1 << 13;

  /** Longer texts are not worth their room. */
  private static final int LONGEST = 256;

  private record Known(String text, String result) {}

  private final AtomicReferenceArray<@Nullable Known> places = new AtomicReferenceArray<>(PLACES);

  /** Null if it is not known any more, or never was. */
  @Nullable String find(String text) {
    Known known = places.get(placeOf(text));
    return known != null && known.text().equals(text) ? known.result() : null;
  }

  void put(String text, String result) {
    if (text.length() <= LONGEST) {
      places.set(placeOf(text), new Known(text, result));
    }
  }

  private static int placeOf(String text) {
    int hash = text.hashCode();
    return (hash ^ hash >>> 16) & (PLACES - 1);
  }
}
