package dev.millrace.core;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What a costly function made of the texts that it was given lately; users send the same e-mail
 * address and phone number again and again. Every text has one place, and the next one that falls
 * there takes it. It changes no result, and has a bound. Safe for several threads.
 *
 * @param <R> what the function gives; never changed
 */
public final class Memo<R> {

  private static final int PLACES = 1 << 13;

  /** Longer texts are not worth their room. */
  private static final int LONGEST = 256;

  private record Known<R>(String text, R result) {}

  private final AtomicReferenceArray<@Nullable Known<R>> places =
      new AtomicReferenceArray<>(PLACES);

  /** Null if it is not known any more, or never was. */
  public @Nullable R find(String text) {
    Known<R> known = places.get(placeOf(text));
    return known != null && known.text().equals(text) ? known.result() : null;
  }

  public void put(String text, R result) {
    if (text.length() <= LONGEST) {
      places.set(placeOf(text), new Known<>(text, result));
    }
  }

  private static int placeOf(String text) {
    int hash = text.hashCode();
    return (hash ^ hash >>> 16) & (PLACES - 1);
  }
}
