package dev.millrace.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user's past looked like when one event had just happened.
 *
 * @param asOf the time that the windows end at: the event's own
 * @param eventType what that event was
 * @param values in the order of the set's columns: Long, Double, Boolean, String, null, or a list
 *     of these
 */
public record FeatureVector(
    String userId,
    String eventId,
    String eventType,
    Instant asOf,
    Instant receivedAt,
    boolean late,
    Origin origin,
    long activationOffset,
    String featureSet,
    int featureSetVersion,
    String featureSetSha256,
    List<@Nullable Object> values) {

  public FeatureVector {
    values = Collections.unmodifiableList(new ArrayList<>(values));
  }

  /** SHA-256 of the set's hash and the values: whoever holds both can tell a corrupt copy. */
  public String sha256() {
    return CanonicalHash.start().add(featureSetSha256).add(values).hex();
  }
}
