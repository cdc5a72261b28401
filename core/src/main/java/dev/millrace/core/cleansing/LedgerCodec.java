package dev.millrace.core.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import dev.millrace.core.UnreadableStateException;
import dev.millrace.core.cleansing.UserLedger.Head;
import dev.millrace.core.cleansing.UserLedger.Seen;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The entries of a ledger in bytes, each beginning with a format number. Equal entries give equal
 * bytes.
 */
public final class LedgerCodec {

  private static final byte FORMAT = 2;
  private static final int ENTRY_BYTES = 1 + 4 * Long.BYTES + Integer.BYTES;

  private LedgerCodec() {}

  public static byte[] write(Head head) {
    ByteBuffer out =
        ByteBuffer.allocate(ENTRY_BYTES + bytesOf(head.profile()))
            .put(FORMAT)
            .putLong(head.watermark())
            .putLong(head.floor())
            .putInt(head.remembered())
            .putLong(head.sweptAt())
            .putInt(head.profile().size());
    head.profile()
        .forEach(
            (field, stats) -> {
              byte[] name = field.getBytes(UTF_8);
              out.putShort((short) name.length).put(name);
              out.putLong(stats.count());
              writeExact(out, stats.sum());
              writeExact(out, stats.squares());
              out.putShort((short) stats.buckets().size());
              stats.buckets().forEach((bucket, n) -> out.putShort(bucket.shortValue()).putLong(n));
            });
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /**
   * @throws UnreadableStateException if the bytes are no head of this format
   */
  public static Head head(byte[] bytes) {
    return read(
        bytes,
        in -> {
          long watermark = in.getLong();
          long floor = in.getLong();
          int remembered = in.getInt();
          long sweptAt = in.getLong();
          SortedMap<String, RunningStats> profile = new TreeMap<>();
          for (int fields = size(in.getInt()); fields > 0; fields--) {
            profile.put(new String(take(in, in.getShort()), UTF_8), stats(in));
          }
          return new Head(watermark, floor, remembered, sweptAt, profile);
        });
  }

  public static byte[] write(Seen seen) {
    byte[] topicId = seen.origin().topicId().getBytes(UTF_8);
    return ByteBuffer.allocate(ENTRY_BYTES + topicId.length)
        .put(FORMAT)
        .putLong(seen.eventTime())
        .putLong(seen.content().high())
        .putLong(seen.content().low())
        .putInt(seen.origin().partition())
        .putLong(seen.origin().offset())
        .put(topicId)
        .array();
  }

  /**
   * @throws UnreadableStateException if the bytes are no entry of this format
   */
  public static Seen seen(byte[] bytes) {
    return read(
        bytes,
        in -> {
          long eventTime = in.getLong();
          Digest128 content = new Digest128(in.getLong(), in.getLong());
          int partition = in.getInt();
          long offset = in.getLong();
          String topicId = new String(take(in, in.remaining()), UTF_8);
          return new Seen(eventTime, content, new Origin(topicId, partition, offset));
        });
  }

  private static RunningStats stats(ByteBuffer in) {
    long count = in.getLong();
    BigInteger sum = readExact(in);
    BigInteger squares = readExact(in);
    SortedMap<Integer, Long> buckets = new TreeMap<>();
    for (int size = size(in.getShort()); size > 0; size--) {
      buckets.put((int) in.getShort(), in.getLong());
    }
    return new RunningStats(count, sum, squares, buckets);
  }

  private static int bytesOf(Map<String, RunningStats> profile) {
    int bytes = Integer.BYTES;
    for (Map.Entry<String, RunningStats> entry : profile.entrySet()) {
      RunningStats stats = entry.getValue();
      bytes +=
          Short.BYTES
              + entry.getKey().getBytes(UTF_8).length
              + Long.BYTES
              + (Byte.BYTES + stats.sum().bitLength() / Byte.SIZE + 1)
              + (Byte.BYTES + stats.squares().bitLength() / Byte.SIZE + 1)
              + Short.BYTES
              + stats.buckets().size() * (Short.BYTES + Long.BYTES);
    }
    return bytes;
  }

  private static void writeExact(ByteBuffer out, BigInteger value) {
    byte[] bytes = value.toByteArray();
    out.put((byte) bytes.length).put(bytes);
  }

  private static BigInteger readExact(ByteBuffer in) {
    return new BigInteger(take(in, in.get()));
  }

  private static byte[] take(ByteBuffer in, int length) {
    byte[] bytes = new byte[size(length)];
    in.get(bytes);
    return bytes;
  }

  /** How many follow: no damaged entry has fewer than none. */
  private static int size(int written) {
    if (written < 0) {
      throw new BufferUnderflowException();
    }
    return written;
  }

  private static <T> T read(byte[] bytes, Function<ByteBuffer, T> content) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      byte format = in.get();
      if (format != FORMAT) {
        throw new UnreadableStateException(
            "A ledger entry is in format %d and this release reads %d; run the release that wrote it, or rebuild the state"
                .formatted(format, FORMAT));
      }
      T value = content.apply(in);
      if (in.hasRemaining()) {
        throw new UnreadableStateException(
            "A ledger entry of %d bytes goes on after its end; rebuild the state"
                .formatted(bytes.length));
      }
      return value;
    } catch (BufferUnderflowException | NumberFormatException e) {
      throw new UnreadableStateException(
          "A ledger entry of %d bytes is cut off or damaged; rebuild the state"
              .formatted(bytes.length),
          e);
    }
  }
}
