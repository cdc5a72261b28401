package dev.millrace.local;

import java.util.Random;

/** Something that happens to workers, topics or tables while records are landed. */
interface Disturbance {

  /** As the plan and the table call it. */
  String title();

  /**
   * Happens; returns when it is over. What it leaves behind, such as workers that find together
   * again, may go on.
   *
   * @param random of the seed, for what it leaves open
   */
  void happen(SinkTrial trial, Random random);
}
