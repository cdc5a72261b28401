package dev.millrace.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandInterruptedException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every user's latest scores in Redis: a projection of the scores topic, and nothing that is not
 * there.
 *
 * <p>A user is a hash of two fields per model and shadow flag: the score message and the offset it
 * has on the topic. A score is written only over an older one, so redelivery and overlap change
 * nothing. The epoch is part of the key: offsets of another epoch are never compared.
 */
final class LatestScores implements AutoCloseable {

  /**
   * A score to write.
   *
   * @param slot model and shadow flag
   * @param offset on the scores topic; one user's scores stand on one partition
   */
  @SuppressWarnings("ArrayRecordComponent") // Encoded bytes on their way to Redis; never compared.
  record Entry(String userId, String slot, long offset, byte[] message) {}

  private static final String OFFSET_SUFFIX = ":offset";
  private static final String MENDING_SUFFIX = ":mending";
  private static final byte[] NOTE_IF_STILL_MENDING =
      """
      local token = redis.call('HGET', KEYS[1], ARGV[1] .. ':mending')
      if token ~= ARGV[2] then return 0 end
      redis.call('HDEL', KEYS[1], ARGV[1] .. ':mending')
      redis.call('HSET', KEYS[1], ARGV[1], '')
      return 1
      """
          .getBytes(UTF_8);
  private static final byte[] ABSENT_FROM_WHOLE =
      """
      if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
      return redis.call('HEXISTS', KEYS[2], ARGV[1])
      """
          .getBytes(UTF_8);
  private static final byte[] WRITE_IF_NEWER =
      """
      local seen = redis.call('HGET', KEYS[1], ARGV[1] .. ':offset')
      if seen and tonumber(seen) >= tonumber(ARGV[2]) then return 0 end
      redis.call('HSET', KEYS[1], ARGV[1], ARGV[3], ARGV[1] .. ':offset', ARGV[2])
      return 1
      """
          .getBytes(UTF_8);

  /**
   * What a Redis that stands still may leave unanswered; more is refused and not kept in memory.
   */
  private static final int MOST_UNANSWERED = 10_000;

  private static final Duration LONGEST_RECONNECT_DELAY = Duration.ofSeconds(1);

  private final ClientResources resources;
  private final RedisClient client;
  private final RedisURI uri;
  private final String keyPrefix;
  private final String wholeKey;
  private final Duration timeout;
  private @Nullable CompletableFuture<StatefulRedisConnection<String, byte[]>> connecting;

  /**
   * Does not connect yet: the chain runs on without Redis.
   *
   * @param epoch of the projection; another topic or a rebuild is another epoch
   */
  LatestScores(URI redis, Duration timeout, String epoch) {
    this.uri = RedisURI.create(redis);
    this.uri.setTimeout(timeout);
    this.timeout = timeout;
    this.keyPrefix = "millrace:scores:" + epoch + ":";
    this.wholeKey = "millrace:scores-whole:" + epoch;
    this.resources =
        ClientResources.builder()
            .reconnectDelay(
                Delay.exponential(Duration.ZERO, LONGEST_RECONNECT_DELAY, 2, TimeUnit.MILLISECONDS))
            .build();
    this.client = RedisClient.create(resources);
    this.client.setOptions(
        ClientOptions.builder()
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .requestQueueSize(MOST_UNANSWERED)
            .socketOptions(SocketOptions.builder().connectTimeout(timeout).build())
            .timeoutOptions(TimeoutOptions.enabled(timeout))
            .build());
  }

  /**
   * Writes the scores that are newer than what is there; all in one round trip.
   *
   * @throws io.lettuce.core.RedisException if Redis is away; some may have been written
   */
  void write(Collection<Entry> entries) {
    try {
      writeAll(entries);
    } catch (RedisNoScriptException e) {
      // A Redis that was started anew has forgotten the script, or was never told.
      connection().sync().scriptLoad(WRITE_IF_NEWER);
      writeAll(entries);
    }
  }

  private void writeAll(Collection<Entry> entries) {
    StatefulRedisConnection<String, byte[]> redis = connection();
    String script = redis.sync().digest(WRITE_IF_NEWER);
    List<RedisFuture<Long>> written = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      written.add(
          redis
              .async()
              .evalsha(
                  script,
                  ScriptOutputType.INTEGER,
                  new String[] {keyPrefix + entry.userId()},
                  entry.slot().getBytes(UTF_8),
                  Long.toString(entry.offset()).getBytes(UTF_8),
                  entry.message()));
    }
    for (RedisFuture<Long> one : written) {
      boolean answered = LettuceFutures.awaitAll(timeout.toMillis(), TimeUnit.MILLISECONDS, one);
      if (!answered) {
        throw new RedisCommandTimeoutException("Redis did not answer within " + timeout);
      }
    }
  }

  /**
   * Partitions of the scores topic of which Redis has every score up to the newest; none of a Redis
   * that was started empty.
   *
   * @throws io.lettuce.core.RedisException if Redis is away
   */
  Set<Integer> wholePartitions() {
    return connection().sync().hkeys(wholeKey).stream()
        .filter(field -> !field.endsWith(MENDING_SUFFIX))
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }

  /**
   * Notes that the partition is read again from its beginning.
   *
   * @param token names this reading; gone if Redis loses its data again meanwhile
   * @throws io.lettuce.core.RedisException if Redis is away
   */
  void beginMending(int partition, String token) {
    connection().sync().hset(wholeKey, partition + MENDING_SUFFIX, token.getBytes(UTF_8));
  }

  /**
   * Notes that nothing of the partition is missing, unless Redis lost its data since the reading
   * began.
   *
   * @return whether it is whole
   * @throws io.lettuce.core.RedisException if Redis is away
   */
  boolean endMending(int partition, String token) {
    Long whole =
        connection()
            .sync()
            .eval(
                NOTE_IF_STILL_MENDING,
                ScriptOutputType.INTEGER,
                new String[] {wholeKey},
                Integer.toString(partition).getBytes(UTF_8),
                token.getBytes(UTF_8));
    return whole == 1;
  }

  /**
   * The user's score messages by slot; empty for an unknown user.
   *
   * @throws io.lettuce.core.RedisException if Redis is away
   */
  Map<String, byte[]> find(String userId) {
    Map<String, byte[]> found = new TreeMap<>(connection().sync().hgetall(keyPrefix + userId));
    found.keySet().removeIf(field -> field.endsWith(OFFSET_SUFFIX));
    return found;
  }

  /**
   * Whether the user is certain to have no score: none is here, and none of the partition is
   * missing. Both are asked in one moment, so that no loss and no refilling comes between.
   *
   * @param partition on which the user's scores stand
   * @throws io.lettuce.core.RedisException if Redis is away
   */
  boolean isUnknown(String userId, int partition) {
    Long unknown =
        connection()
            .sync()
            .eval(
                ABSENT_FROM_WHOLE,
                ScriptOutputType.INTEGER,
                new String[] {keyPrefix + userId, wholeKey},
                Integer.toString(partition).getBytes(UTF_8));
    return unknown == 1;
  }

  /** The connection; Lettuce itself reconnects one that was lost. */
  private StatefulRedisConnection<String, byte[]> connection() {
    try {
      return attempt().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new RedisConnectionException("Redis can't be reached", e.getCause());
    } catch (TimeoutException e) {
      throw new RedisConnectionException("Redis can't be reached within " + timeout, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisCommandInterruptedException(e);
    }
  }

  /** Connects at the first use and after a failed one; all who come meanwhile wait together. */
  private synchronized CompletableFuture<StatefulRedisConnection<String, byte[]>> attempt() {
    CompletableFuture<StatefulRedisConnection<String, byte[]>> latest = connecting;
    if (latest == null || latest.isCompletedExceptionally()) {
      latest =
          client
              .connectAsync(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), uri)
              .toCompletableFuture();
      connecting = latest;
    }
    return latest;
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
