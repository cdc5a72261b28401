package dev.millrace.local.generator;

import dev.millrace.core.Micros;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All rings, and which of them has still to attack. */
final class Rings {

  private static final int USERS_PER_RING = 400;
  private static final int EVENTS_PER_RING = 2_000;
  private static final int LEAST_MEMBERS = 3;
  private static final int MOST_MEMBERS = 6;

  private final List<Ring> all = new ArrayList<>();
  private final Deque<Ring> waiting;
  private final int usersPerRing;

  Rings(Plan plan) {
    int count =
        (int) Math.min(plan.users() / USERS_PER_RING, plan.regularEvents() / EVENTS_PER_RING);
    this.usersPerRing = count == 0 ? plan.users() : plan.users() / count;
    long period = Micros.of(Duration.ofDays(plan.days()));
    for (int number = 0; number < count; number++) {
      long seed = Hash.of(plan.seed(), number, 1_000);
      int size =
          LEAST_MEMBERS
              + (int) Long.remainderUnsigned(seed >>> 8, MOST_MEMBERS - LEAST_MEMBERS + 1);
      // The last of each group of users: neither the busiest nor the idlest of all.
      int last = usersPerRing * (number + 1) - 1;
      // Late enough to have a past, early enough that the chargebacks come in time.
      long attacksAt =
          Micros.of(plan.start())
              + period / 5
              + Long.remainderUnsigned(Hash.of(seed), period / 20 * 9);
      all.add(
          new Ring(
              number, seed, IntStream.range(0, size).mapToObj(i -> last - i).toList(), attacksAt));
    }
    this.waiting =
        new ArrayDeque<>(all.stream().sorted(Comparator.comparingLong(Ring::attacksAt)).toList());
  }

  @Nullable Ring memberOf(int user) {
    int number = user / usersPerRing;
    if (number >= all.size()) {
      return null;
    }
    Ring ring = all.get(number);
    return ring.members().contains(user) ? ring : null;
  }

  /** The next whose time has come; null if there is none. */
  @Nullable Ring nextBy(long time) {
    Ring next = waiting.peek();
    return next != null && next.attacksAt() <= time ? waiting.poll() : null;
  }

  /** Those that struck. */
  Stream<Ring> attacked() {
    return all.stream().filter(Ring::hasAttacked);
  }
}
