package dev.millrace.core.cleansing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import dev.millrace.core.UnreadableStateException;
import dev.millrace.core.cleansing.UserLedger.Head;
import dev.millrace.core.cleansing.UserLedger.Seen;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LedgerCodecTest {

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  static LongStream fewSeeds() {
    return LongStream.range(0, 20);
  }

  private static Head aHead(Random random) {
    SortedMap<String, RunningStats> profile = new TreeMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      RunningStats stats = RunningStats.EMPTY;
      for (int n = random.nextInt(60); n > 0; n--) {
        stats = stats.plus(random.nextLong() >> random.nextInt(64));
      }
      profile.put("größe_" + random.nextInt(1_000), stats);
    }
    return new Head(
        random.nextLong(),
        random.nextBoolean() ? Long.MIN_VALUE : random.nextLong(),
        random.nextInt(1_000_000),
        random.nextLong(),
        profile);
  }

  private static Seen aSeen(Random random) {
    return new Seen(
        random.nextLong(),
        new Digest128(random.nextLong(), random.nextLong()),
        new Origin("t".repeat(random.nextInt(30)) + "é", random.nextInt(64), random.nextLong()));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsWrittenIsReadAndEqualEntriesAreEqualBytes(long seed) {
    Head head = aHead(new Random(seed));
    Seen seen = aSeen(new Random(seed));

    assertThat(LedgerCodec.head(LedgerCodec.write(head))).isEqualTo(head);
    assertThat(LedgerCodec.seen(LedgerCodec.write(seen))).isEqualTo(seen);
    assertThat(LedgerCodec.write(aHead(new Random(seed)))).isEqualTo(LedgerCodec.write(head));
    assertThat(LedgerCodec.write(aSeen(new Random(seed)))).isEqualTo(LedgerCodec.write(seen));
  }

  @Test
  void theOrderInWhichAProfileGrewDoesNotShowInItsBytes() {
    RunningStats one = RunningStats.EMPTY.plus(1).plus(-70).plus(5_000);
    RunningStats other = RunningStats.EMPTY.plus(5_000).plus(1).plus(-70);

    assertThat(LedgerCodec.write(new Head(1, 2, 3, 4, new TreeMap<>(Map.of("x", one)))))
        .isEqualTo(LedgerCodec.write(new Head(1, 2, 3, 4, new TreeMap<>(Map.of("x", other)))));
  }

  @Test
  void theGreatestProfileFits() {
    RunningStats stats = RunningStats.EMPTY;
    for (int bucket = -247; bucket <= 247; bucket++) {
      stats = stats.plus(RunningStats.lowerEdge(bucket));
    }
    Head head = new Head(0, 0, 0, 0, new TreeMap<>(Map.of("n".repeat(32_767), stats)));

    assertThat(LedgerCodec.head(LedgerCodec.write(head))).isEqualTo(head);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("fewSeeds")
  void anEntryThatIsCutOffAnywhereIsUnreadable(long seed) {
    byte[] head = LedgerCodec.write(aHead(new Random(seed)));
    for (int length = 0; length < head.length; length++) {
      assertUnreadable(LedgerCodec::head, Arrays.copyOf(head, length));
    }
    // The topic id ends an entry and may be of any length: it is what comes before that is fixed.
    byte[] seen = LedgerCodec.write(aSeen(new Random(seed)));
    for (int length = 0; length < 37; length++) {
      assertUnreadable(LedgerCodec::seen, Arrays.copyOf(seen, length));
    }
  }

  @Test
  void aHeadThatGoesOnAfterItsEndIsUnreadable() {
    byte[] head = LedgerCodec.write(aHead(new Random(1)));

    assertThatThrownBy(() -> LedgerCodec.head(Arrays.copyOf(head, head.length + 1)))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("goes on after its end");
  }

  @Test
  void anEntryOfAnotherFormatNamesBothAndWhatToDo() {
    byte[] later = LedgerCodec.write(aSeen(new Random(1)));
    later[0]++;

    assertThatThrownBy(() -> LedgerCodec.seen(later))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessage(
            "A ledger entry is in format 3 and this release reads 2; run the release that wrote it,"
                + " or rebuild the state");
    assertUnreadable(LedgerCodec::head, later);
  }

  @Test
  void aSizeThatNoEntryHasIsUnreadable() {
    byte[] head = LedgerCodec.write(new Head(1, 2, 3, 4, new TreeMap<>()));
    Arrays.fill(head, head.length - Integer.BYTES, head.length, (byte) 0xff);

    assertUnreadable(LedgerCodec::head, head);
  }

  /** Damage may give another entry; it never gives another exception, or fills the memory. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aDamagedEntryIsUnreadableOrAnother(long seed) {
    Random random = new Random(seed);
    byte[] head = LedgerCodec.write(aHead(random));
    for (int i = 0; i < 200; i++) {
      byte[] damaged = head.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      readOrRefuse(damaged);
    }
    byte[] foreign = new byte[random.nextInt(200)];
    random.nextBytes(foreign);
    readOrRefuse(foreign);
  }

  private static void readOrRefuse(byte[] bytes) {
    assertDoesNotThrow(
        () -> {
          try {
            LedgerCodec.head(bytes);
          } catch (UnreadableStateException e) {
            assertThat(e).hasMessageContaining("rebuild the state");
          }
        });
  }

  private static void assertUnreadable(Function<byte[], ?> read, byte[] bytes) {
    assertThatThrownBy(() -> read.apply(bytes))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("rebuild the state");
  }
}
