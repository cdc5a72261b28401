package dev.millrace.core;

import dev.millrace.core.state.UnreadableStateException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One user's activity in bytes: a format number, the feature set's mark, the watermark, then each
 * column's tiles, oldest first. Equal activities give equal bytes.
 */
final class UserActivityCodec {

  private static final int FORMAT = 1;

  /** By column. */
  private final List<Feature> features;

  /** The first 64 bits of the feature set's hash. */
  private final long mark;

  UserActivityCodec(List<Feature> features, String setSha256) {
    this.features = features;
    this.mark = Long.parseUnsignedLong(setSha256.substring(0, 16), 16);
  }

  byte[] write(UserActivity activity) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeLong(mark);
      out.writeLong(activity.watermark());
      for (TreeMap<Long, Tile> row : activity.rows()) {
        out.writeInt(row.size());
        for (Map.Entry<Long, Tile> entry : row.entrySet()) {
          out.writeLong(entry.getKey());
          writeTile(out, entry.getValue());
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("Writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  UserActivity read(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT) {
        throw new UnreadableStateException(
            "User activity is in format %d and this release reads %d; run the release that wrote it, or rebuild the state"
                .formatted(format, FORMAT));
      }
      if (in.readLong() != mark) {
        throw new UnreadableStateException(
            "User activity was written by another feature set; a changed set needs a new version");
      }
      long watermark = in.readLong();
      List<TreeMap<Long, Tile>> rows = new ArrayList<>(features.size());
      for (Feature feature : features) {
        TreeMap<Long, Tile> row = new TreeMap<>();
        for (int tiles = in.readInt(); tiles > 0; tiles--) {
          row.put(in.readLong(), readTile(in, feature));
        }
        rows.add(row);
      }
      if (in.read() >= 0) {
        throw new UnreadableStateException(
            "User activity of %d bytes goes on after its end; rebuild the state"
                .formatted(bytes.length));
      }
      return new UserActivity(watermark, rows);
    } catch (IOException e) {
      throw new UnreadableStateException(
          "User activity of %d bytes is cut off; rebuild the state".formatted(bytes.length), e);
    }
  }

  private static void writeTile(DataOutputStream out, Tile tile) throws IOException {
    if (tile instanceof Tile.Count count) {
      out.writeLong(count.events());
    } else if (tile instanceof Tile.Sum sum) {
      out.writeLong(sum.high());
      out.writeLong(sum.low());
    } else if (tile instanceof Tile.Distinct distinct) {
      out.writeInt(distinct.values().size());
      for (Digest128 value : distinct.values()) {
        out.writeLong(value.high());
        out.writeLong(value.low());
      }
    }
  }

  private static Tile readTile(DataInputStream in, Feature feature) throws IOException {
    return switch (feature.op()) {
      case COUNT -> new Tile.Count(in.readLong());
      case SUM -> new Tile.Sum(in.readLong(), in.readLong());
      case DISTINCT -> {
        SortedSet<Digest128> values = new TreeSet<>();
        for (int size = in.readInt(); size > 0; size--) {
          values.add(new Digest128(in.readLong(), in.readLong()));
        }
        yield new Tile.Distinct(values, feature.cap());
      }
      case SINCE -> throw new IllegalArgumentException(feature.name() + " keeps no tiles");
    };
  }
}
