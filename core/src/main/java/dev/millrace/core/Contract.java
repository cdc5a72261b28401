package dev.millrace.core;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What an event must satisfy to be clean.
 *
 * @param required fields that must be there and not blank
 * @param maxTextLength UTF-16 units in any text field or attribute, &gt;= 1
 * @param maxFuture how far event time may run ahead of arrival
 * @param dedupHorizon how far behind its user's watermark an event may be, and how long ids are
 *     remembered; event time
 * @param maxIdsPerUser ids remembered per user, &gt;= 8; at the bound the oldest go and the user's
 *     horizon rises to them
 */
public record Contract(
    String name,
    int version,
    Set<EventField> required,
    int maxTextLength,
    Duration maxFuture,
    Duration dedupHorizon,
    int maxIdsPerUser) {

  /** In force until contracts are declared. */
  public static final Contract USER_ACTIVITY =
      new Contract(
          "user-activity",
          1,
          EnumSet.of(EventField.USER_ID, EventField.EVENT_TIME, EventField.EVENT_TYPE),
          8_192,
          Duration.ofMinutes(5),
          Duration.ofDays(7),
          100_000);

  public Contract {
    EnumSet<EventField> fields = EnumSet.of(EventField.USER_ID, EventField.EVENT_TIME);
    fields.addAll(required);
    required = Collections.unmodifiableSet(fields);
    if (maxTextLength < 1 || maxIdsPerUser < 8) {
      throw new IllegalArgumentException("maxTextLength must be >= 1 and maxIdsPerUser >= 8");
    }
    if (maxFuture.isNegative() || dedupHorizon.isNegative() || dedupHorizon.isZero()) {
      throw new IllegalArgumentException("maxFuture must be >= 0 and dedupHorizon > 0");
    }
  }

  /** SHA-256 of everything above; stands on each record that this contract decided. */
  public String sha256() {
    return CanonicalHash.start()
        .add("contract")
        .add(name)
        .add(version)
        .add(required.stream().map(EventField::fieldName).toList())
        .add(maxTextLength)
        .add(Micros.of(maxFuture))
        .add(Micros.of(dedupHorizon))
        .add(maxIdsPerUser)
        .hex();
  }
}
