package dev.millrace.features;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is told of one user. */
sealed interface Answer {

  /**
   * The user's features.
   *
   * @param features by column, in the order of the set
   * @param staleMs null for the answer of an owner; otherwise nothing is lacking that was committed
   *     more than so many milliseconds before
   */
  record Found(
      Instant newestEventTime, Map<String, @Nullable Object> features, @Nullable Long staleMs)
      implements Answer {

    public Found {
      features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
    }

    boolean isStale() {
      return staleMs != null;
    }
  }

  /** No clean event of the user is known; only an owner can say so. */
  record Unknown() implements Answer {}

  /**
   * Nobody can say now.
   *
   * @param why and what to do, for whoever asked
   */
  record Unavailable(String why) implements Answer {}
}
