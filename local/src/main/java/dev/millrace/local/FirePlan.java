package dev.millrace.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * What happens under one seed; the same seed has the same plan.
 *
 * @param workers that there are at first
 * @param partitions of each topic
 */
record FirePlan(long seed, int workers, int partitions, List<Step> steps) {

  /** So many seeds in a row have every disturbance, from seed 1, 4, 7 … on. */
  static final int SEEDS_FOR_ALL = 3;

  private static final int LONGEST_PAUSE_MILLIS = 1_500;

  /**
   * @param settled whether it waits until the workers have shared out again what there is to do
   * @param pause before it happens, and behind that
   */
  record Step(Disturbance disturbance, boolean settled, Duration pause) {}

  FirePlan {
    steps = List.copyOf(steps);
  }

  /**
   * @param all from which each seed has its share
   */
  static FirePlan of(long seed, List<? extends Disturbance> all) {
    Random random = new Random(seed);
    List<Step> steps = new ArrayList<>();
    for (Disturbance disturbance : share(seed, all, random)) {
      steps.add(
          new Step(
              disturbance,
              random.nextBoolean(),
              Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS))));
    }
    return new FirePlan(seed, 1 + random.nextInt(2), 2 + random.nextInt(2), steps);
  }

  /** The seeds of a group deal all of them among themselves. */
  private static List<Disturbance> share(
      long seed, List<? extends Disturbance> all, Random random) {
    List<Disturbance> dealt = new ArrayList<>(all);
    Collections.shuffle(dealt, new Random(Math.floorDiv(seed - 1, SEEDS_FOR_ALL)));
    int first = (int) Math.floorMod(seed - 1, (long) SEEDS_FOR_ALL);
    List<Disturbance> share = new ArrayList<>();
    for (int i = first; i < dealt.size(); i += SEEDS_FOR_ALL) {
      share.add(dealt.get(i));
    }
    Collections.shuffle(share, random);
    return share;
  }

  @Override
  public String toString() {
    return "%s, 2 topics of %d partitions: %s"
        .formatted(
            Plural.of(workers, "worker"),
            partitions,
            steps.stream()
                .map(step -> step.disturbance().title() + (step.settled() ? "" : " (at once)"))
                .collect(Collectors.joining(", ")));
  }
}
