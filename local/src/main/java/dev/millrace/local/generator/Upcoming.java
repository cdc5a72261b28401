package dev.millrace.local.generator;

import java.util.Comparator;

/** Something that will send an event at a known time. */
sealed interface Upcoming permits Visit, Chargeback {

  /** By time; of two at one time, the one that was planned first. */
  Comparator<Upcoming> BY_TIME =
      Comparator.comparingLong(Upcoming::time).thenComparingLong(Upcoming::number);

  /** Of its next event, microseconds. */
  long time();

  /** No two share one. */
  long number();

  Sent send();

  /** Whether it has sent all it had. */
  boolean isOver();
}
