package dev.millrace.core.features;

import org.jspecify.annotations.Nullable;

/**
 * What a feature set folds of an event, and no more: it is also what the changelog keeps of it.
 *
 * @param time of the event, microseconds
 * @param conditions whether each of the set's conditions holds, in the order of its plan
 * @param values of each of the set's inputs: Long, Double, String, Boolean, or the Digest128 of one
 *     that is only told from others; null = absent
 */
@SuppressWarnings("ArrayRecordComponent") // made for one fold and for bytes, never compared
public record FoldedEvent(long time, boolean[] conditions, @Nullable Object[] values) {

  @Nullable Long number(int input) {
    return (Long) values[input];
  }
}
