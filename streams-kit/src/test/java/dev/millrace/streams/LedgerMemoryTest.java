package dev.millrace.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.LedgerCodec;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.core.cleansing.UserLedger.Change;
import dev.millrace.core.cleansing.UserLedger.Seen;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LedgerMemoryTest {

  private static final int USERS = 100_000;
  private static final int IDS = 1_000_000;

  /** Nothing of the state is on the disk of a service, so the heap is all that it takes there. */
  @Test
  void aMillionIdsOfAHundredThousandUsersTakeAtMost60MegabytesOfHeap() {
    UserStateStore<UserLedger, Change> store =
        new UserStates<>("ledger-by-user", new LedgerCodec()).withLoggingDisabled().build();
    Random random = new Random(7);
    long before = usedHeap();

    for (int i = 0; i < IDS; i++) {
      // Some users have three ids and some twenty-five, as it falls.
      int user = random.nextInt(USERS);
      store.apply("user-" + user, change(random, user % 12, i));
    }

    long taken = usedHeap() - before;
    System.out.printf(
        "%,d ids of %,d users take %.1f MB of heap, %d bytes an id%n",
        IDS, store.size(), taken / 1e6, taken / IDS);
    assertThat(taken).isLessThanOrEqualTo(60_000_000);
    assertThat(store.size()).isGreaterThan(USERS * 99 / 100);
  }

  private static Change change(Random random, int partition, int number) {
    return new Change(
        new Digest128(random.nextLong(), random.nextLong()),
        new Seen(
            1_767_614_400_000_000L + number,
            random.nextLong(),
            new Origin("u4WXtRd9S9OGL0mpAYYJSw", partition, number)),
        null,
        Collections.emptySortedMap(),
        List.of());
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return heap.getUsed();
  }
}
