package dev.millrace.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.scoring.LatestScores.Entry;
import dev.millrace.servers.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LatestScoresIT {

  private static final Duration TIMEOUT = Duration.ofMillis(500);
  @TempDir private static Path folder;
  private static LocalRedis redis;

  /** A random history, and how a projection that crashes and overlaps may deliver it. */
  private record Delivery(Map<String, Map<String, String>> fold, List<List<Entry>> batches) {

    static Delivery of(long seed) {
      Random random = new Random(seed);
      Map<String, Map<String, String>> fold = new TreeMap<>();
      List<Entry> delivered = new ArrayList<>();
      for (int offset = 0; offset < 300; offset++) {
        String user = "user-" + random.nextInt(12);
        String slot =
            "model-" + random.nextInt(2) + (random.nextBoolean() ? "/champion" : "/shadow");
        String score = "score " + random.nextInt();
        fold.computeIfAbsent(user, u -> new TreeMap<>()).put(slot, score);
        Entry entry = new Entry(user, slot, offset, score.getBytes(UTF_8));
        delivered.add(entry);
        if (random.nextInt(100) < 30) {
          delivered.add(entry);
        }
      }
      Collections.shuffle(delivered, random);
      List<List<Entry>> batches = new ArrayList<>();
      for (int from = 0; from < delivered.size(); ) {
        int to = Math.min(delivered.size(), from + 1 + random.nextInt(40));
        batches.add(delivered.subList(from, to));
        from = to;
      }
      return new Delivery(fold, batches);
    }
  }

  @BeforeAll
  static void start() {
    redis = LocalRedis.start(folder);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  private static LatestScores latest(String epoch) {
    return new LatestScores(URI.create(redis.uri()), TIMEOUT, epoch);
  }

  private static Map<String, String> texts(Map<String, byte[]> found) {
    Map<String, String> texts = new TreeMap<>();
    found.forEach((slot, message) -> texts.put(slot, new String(message, UTF_8)));
    return texts;
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 8);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void redeliveryInAnyOrderLeavesTheLastOffsetOfEachSlot(long seed) {
    Delivery delivery = Delivery.of(seed);
    try (LatestScores latest = latest("epoch-" + seed)) {
      delivery.batches().forEach(latest::write);

      delivery
          .fold()
          .forEach((user, slots) -> assertThat(texts(latest.find(user))).isEqualTo(slots));
    }
  }

  /** The law is worth something only if a projection without the guard breaks it. */
  @Test
  void aProjectionWithoutTheGuardBreaksThatLaw() {
    Delivery delivery = Delivery.of(1);
    RedisClient client = RedisClient.create(redis.uri());
    try {
      RedisCommands<String, String> naive = client.connect().sync();
      for (List<Entry> batch : delivery.batches()) {
        for (Entry entry : batch) {
          naive.hset("naive:" + entry.userId(), entry.slot(), new String(entry.message(), UTF_8));
        }
      }
      Map<String, Map<String, String>> kept = new TreeMap<>();
      delivery
          .fold()
          .keySet()
          .forEach(user -> kept.put(user, new TreeMap<>(naive.hgetall("naive:" + user))));

      assertThat(kept).isNotEqualTo(delivery.fold());
    } finally {
      client.shutdown();
    }
  }

  @Test
  void aPartitionIsNotWholeIfRedisForgotThatItWasBeingReadAgain() {
    try (LatestScores scores = latest("forgetful")) {
      scores.beginMending(2, "first");
      scores.beginMending(2, "second"); // as after Redis lost the first note

      assertThat(scores.endMending(2, "first")).isFalse();
      assertThat(scores.wholePartitions()).isEmpty();
      assertThat(scores.endMending(3, "never begun")).isFalse();
      assertThat(scores.endMending(2, "second")).isTrue();
      assertThat(scores.wholePartitions()).containsExactly(2);
    }
  }

  @Test
  void aUserIsUnknownOnlyIfNothingOfThePartitionIsMissing() {
    try (LatestScores scores = latest("filling")) {
      assertThat(scores.isUnknown("ann", 1)).as("in an empty Redis").isFalse();
      scores.beginMending(1, "first");
      assertThat(scores.isUnknown("ann", 1)).as("while it is filled").isFalse();
      scores.endMending(1, "first");

      assertThat(scores.isUnknown("ann", 1)).isTrue();
      assertThat(scores.isUnknown("bob", 0)).as("of another partition").isFalse();
      scores.write(List.of(new Entry("ann", "m/champion", 9, new byte[] {1})));
      assertThat(scores.isUnknown("ann", 1)).as("once there is a score").isFalse();
    }
  }

  @Test
  void epochsDoNotSeeEachOther() {
    try (LatestScores old = latest("old");
        LatestScores fresh = latest("fresh")) {
      old.write(List.of(new Entry("ann", "m/champion", 9, new byte[] {1})));
      fresh.write(List.of(new Entry("ann", "m/champion", 0, new byte[] {2})));
      old.beginMending(1, "first");
      assertThat(old.wholePartitions()).as("while it is read again").isEmpty();
      assertThat(old.endMending(1, "first")).isTrue();

      assertThat(old.find("ann")).containsEntry("m/champion", new byte[] {1});
      assertThat(fresh.find("ann")).containsEntry("m/champion", new byte[] {2});
      assertThat(old.wholePartitions()).containsExactly(1);
      assertThat(fresh.wholePartitions()).isEmpty();
      assertThat(fresh.find("nobody")).isEmpty();
    }
  }

  @Test
  void aRedisThatStandsStillAtTheFirstConnectionHoldsNobodyUp() throws Exception {
    ExecutorService askers = Executors.newFixedThreadPool(20);
    redis.process().suspend();
    try (LatestScores latest = latest("still")) {
      long start = System.nanoTime();
      List<Callable<Map<String, byte[]>>> questions =
          Collections.nCopies(20, () -> latest.find("ann"));
      for (Future<Map<String, byte[]>> answer : askers.invokeAll(questions)) {
        assertThatThrownBy(answer::get)
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(RedisException.class);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.multipliedBy(4));

      redis.process().resume();
      await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(latest.find("ann")).isEmpty());
    } finally {
      redis.process().resume();
      askers.shutdownNow();
    }
  }

  @Test
  void whatARedisLeavesUnansweredIsBounded() {
    try (LatestScores latest = latest("bounded")) {
      List<Entry> batch =
          LongStream.range(0, 2_000)
              .mapToObj(i -> new Entry("user", "m/champion", i, new byte[1_000]))
              .toList();
      latest.write(batch);
      redis.process().suspend();

      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> latest.write(batch)).isInstanceOf(RedisException.class);
      }
      assertThatThrownBy(() -> latest.write(batch))
          .hasMessageContaining("Commands are not accepted");
    } finally {
      redis.process().resume();
    }
  }
}
