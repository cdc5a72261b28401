package dev.millrace.core.cleansing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.UserLedger.Change;
import dev.millrace.core.cleansing.UserLedger.Seen;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.core.state.UnreadableStateException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LedgerCodecTest {

  private static final LedgerCodec CODEC = new LedgerCodec();

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  static LongStream fewSeeds() {
    return LongStream.range(0, 20);
  }

  private static Change aChange(Random random, int ids) {
    TreeMap<String, Long> values = new TreeMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      values.put("größe_" + random.nextInt(5), random.nextLong() >> random.nextInt(64));
    }
    long id = random.nextInt(ids);
    return new Change(
        new Digest128(id * 0x9e3779b97f4a7c15L, ~id),
        new Seen(
            random.nextLong(),
            random.nextLong(),
            new Origin("tópic-" + random.nextInt(3), random.nextInt(4), random.nextInt(1 << 20))),
        random.nextInt(10) == 0 ? (Long) random.nextLong() : null,
        values,
        random.nextInt(10) == 0 ? List.of("größe_" + random.nextInt(5)) : List.of());
  }

  private static UserLedger aLedger(Random random) {
    UserLedger ledger = new UserLedger();
    int ids = 1 + random.nextInt(200);
    for (int n = random.nextInt(300); n > 0; n--) {
      ledger.apply(aChange(random, ids));
    }
    return ledger;
  }

  private static byte[] bytes(UserLedger ledger) {
    StateOutput out = new StateOutput(0);
    CODEC.write(ledger, out);
    return out.toBytes();
  }

  private static byte[] bytes(Change change) {
    StateOutput out = new StateOutput(0);
    CODEC.writeChange(change, out);
    return out.toBytes();
  }

  private static UserLedger ledger(byte[] bytes) {
    return CODEC.read(new StateInput(bytes, "A ledger"));
  }

  private static Change change(byte[] bytes) {
    return CODEC.readChange(new StateInput(bytes, "A change"));
  }

  /** The obvious twin: a map. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void remembersAsAMapDoesHoweverManyIdsThereAreAndAfterEveryForgetting(long seed) {
    Random random = new Random(seed);
    UserLedger ledger = new UserLedger();
    Map<Digest128, Seen> twin = new HashMap<>();
    int ids = 1 + random.nextInt(300);
    for (int i = 0; i < 400; i++) {
      Change change = aChange(random, ids);
      ledger.apply(change);
      twin.put(change.id(), change.seen());
      Long forgetTo = change.forgetTo();
      if (forgetTo != null) {
        twin.entrySet()
            .removeIf(
                entry ->
                    entry.getValue().eventTime() <= forgetTo
                        && !entry.getKey().equals(change.id()));
      }

      Digest128 any = aChange(random, ids).id();
      assertThat(ledger.find(any)).as("seed %d, %d", seed, i).isEqualTo(twin.get(any));
      assertThat(ledger.size()).isEqualTo(twin.size());
    }
    Map<Digest128, Seen> all = new HashMap<>();
    ledger.forEach(all::put);
    assertThat(all).isEqualTo(twin);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsWrittenIsReadAndEqualLedgersAreEqualBytes(long seed) {
    byte[] bytes = bytes(aLedger(new Random(seed)));
    Change change = aChange(new Random(seed), 10);

    assertThat(bytes(ledger(bytes))).isEqualTo(bytes);
    assertThat(bytes(aLedger(new Random(seed)))).isEqualTo(bytes);
    assertThat(change(bytes(change))).isEqualTo(change);
  }

  @Test
  void theGreatestProfileIsReadAsItWasWritten() {
    UserLedger ledger = new UserLedger();
    RunningStats stats = new RunningStats();
    for (int bucket = -247; bucket <= 247; bucket++) {
      stats.add(RunningStats.SCALE.lowerEdge(bucket));
    }
    ledger.putProfile("n".repeat(32_767), stats);

    assertThat(ledger(bytes(ledger)).profile("n".repeat(32_767)))
        .usingRecursiveComparison()
        .isEqualTo(stats);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("fewSeeds")
  void whatIsCutOffAnywhereIsUnreadable(long seed) {
    byte[] whole = bytes(aLedger(new Random(seed)));
    for (int length = 0; length < whole.length; length++) {
      assertUnreadable(LedgerCodecTest::ledger, Arrays.copyOf(whole, length));
    }
    byte[] change = bytes(aChange(new Random(seed), 10));
    for (int length = 0; length < change.length; length++) {
      assertUnreadable(LedgerCodecTest::change, Arrays.copyOf(change, length));
    }
  }

  @Test
  void whatGoesOnAfterItsEndIsUnreadable() {
    byte[] whole = bytes(aLedger(new Random(1)));

    assertThatThrownBy(() -> ledger(Arrays.copyOf(whole, whole.length + 1)))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("goes on after its end");
  }

  @Test
  void anotherFormatIsNamedWithWhatToDo() {
    byte[] later = bytes(aLedger(new Random(1)));
    later[0]++;

    assertThatThrownBy(() -> ledger(later))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessage(
            "A ledger is in format 4 and this release reads 3; run the release that wrote it,"
                + " or rebuild the state");
    assertUnreadable(LedgerCodecTest::change, later);
  }

  /** Damage may give another ledger; it never gives another exception, or fills the memory. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aDamagedLedgerIsUnreadableOrAnother(long seed) {
    Random random = new Random(seed);
    byte[] whole = bytes(aLedger(random));
    for (int i = 0; i < 100; i++) {
      byte[] damaged = whole.clone();
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
            bytes(ledger(bytes));
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

  /** As many ids as a contract may ask for, as far apart as they can be, in one Kafka record. */
  @Test
  void theGreatestLedgerFitsIntoOneRecord() {
    UserLedger ledger = new UserLedger();
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      ledger.apply(
          new Change(
              new Digest128(random.nextLong(), random.nextLong()),
              new Seen(
                  random.nextLong(10L * 366 * 86_400 * 1_000_000),
                  random.nextLong(),
                  new Origin("u4WXtRd9S9OGL0mpAYYJSw", 3, random.nextLong(1L << 48))),
              null,
              new TreeMap<>(),
              List.of()));
    }

    assertThat(bytes(ledger).length).isLessThan(4_150_000);
  }

  @Test
  void anOffsetThatNoLogHasIsRefused() {
    Change change =
        new Change(
            new Digest128(1, 2),
            new Seen(3, 4, new Origin("topic", 0, 1L << 48)),
            null,
            new TreeMap<>(),
            List.of());

    assertThatThrownBy(() -> new UserLedger().apply(change))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2^48");
  }
}
