package dev.millrace.schemas;

import dev.millrace.schemas.MmdbSection.MalformedException;
import java.util.function.IntConsumer;

/**
 * The tree of an MMDB file: from the bits of an address to the offset of its record. A node is two
 * numbers, for a bit that is 0 and for one that is 1: below the number of nodes it is the next
 * node, at that number nothing is known, above it lie the records.
 */
final class MmdbTree {

  /** No record: nothing is known of the address. */
  static final int NOTHING = -1;

  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;

  /** Zero bytes between the tree and the records. */
  private static final int GAP = 16;

  private final byte[] bytes;
  private final int nodes;
  private final int recordBits;
  private final int addressBits;
  private final int recordsStart;
  private final int recordsEnd;

  /** Where IPv4 addresses begin: at the root, or in an IPv6 tree behind 96 zero bits. */
  private final long ipv4Start;

  /**
   * @param nodes how many there are
   * @param recordBits of each of a node's numbers: 24, 28 or 32
   * @param ipVersion 4 or 6
   * @param recordsEnd offset behind the records
   * @throws MalformedException if the numbers are none of the format, or the file is too short for
   *     them
   */
  MmdbTree(byte[] bytes, long nodes, long recordBits, long ipVersion, int recordsEnd) {
    if (recordBits != 24 && recordBits != 28 && recordBits != 32) {
      throw new MalformedException(
          "a record_size of %d, which is none of 24, 28 and 32", recordBits);
    }
    if (ipVersion != 4 && ipVersion != 6) {
      throw new MalformedException("an ip_version of %d, which is neither 4 nor 6", ipVersion);
    }
    if (nodes < 1 || nodes * (recordBits / 4) + GAP > recordsEnd) {
      throw new MalformedException("a node_count of %d, which does not fit the file", nodes);
    }
    this.bytes = bytes;
    this.nodes = (int) nodes;
    this.recordBits = (int) recordBits;
    this.addressBits = ipVersion == 4 ? IPV4_BITS : IPV6_BITS;
    this.recordsStart = (int) (nodes * (recordBits / 4) + GAP);
    this.recordsEnd = recordsEnd;
    this.ipv4Start = follow(0, new byte[addressBits / Byte.SIZE], addressBits - IPV4_BITS);
  }

  /** Offset of the first record. */
  int recordsStart() {
    return recordsStart;
  }

  /** The offset of the record of an address, 4 or 16 bytes; {@link #NOTHING} if there is none. */
  int find(byte[] address) {
    int bits = address.length * Byte.SIZE;
    if (bits > addressBits) {
      return NOTHING;
    }
    long number = follow(bits == IPV4_BITS ? ipv4Start : 0, address, bits);
    return number == nodes ? NOTHING : offset(number);
  }

  /** What lies at the end of the first bits of an address, or where the tree ends before. */
  private long follow(long from, byte[] address, int bits) {
    long number = from;
    for (int i = 0; i < bits && number < nodes; i++) {
      number = next((int) number, address[i >>> 3] >>> (7 - (i & 7)) & 1);
    }
    return number;
  }

  /**
   * Follows every path once.
   *
   * @param record told the offset of each record, the same one more than once
   * @throws MalformedException if a path is longer than an address or leads nowhere, or if no path
   *     leads to a node: then some of the tree was lost
   */
  void check(IntConsumer record) {
    byte[] heights = new byte[nodes];
    height(0, 0, heights, record);
    for (int node = 0; node < nodes; node++) {
      if (heights[node] == 0) {
        throw new MalformedException("a node %d in its tree that no address reaches", node);
      }
    }
  }

  /**
   * How many bits are decided from the node on. No path is longer than an address, so neither is
   * this recursion deeper.
   *
   * @param known heights of nodes, 0 where it is not known yet: a node may be reached in many ways
   */
  private int height(int node, int depth, byte[] known, IntConsumer record) {
    int height = known[node] & 0xff;
    if (depth + Math.max(height, 1) > addressBits) {
      throw new MalformedException("a path of its tree that is longer than an address");
    }
    if (height == 0) {
      height = 1;
      for (int bit = 0; bit <= 1; bit++) {
        long next = next(node, bit);
        if (next < nodes) {
          height = Math.max(height, 1 + height((int) next, depth + 1, known, record));
        } else if (next > nodes) {
          record.accept(offset(next));
        }
      }
      known[node] = (byte) height;
    }
    return height;
  }

  private int offset(long number) {
    long offset = number - nodes - GAP + recordsStart;
    if (offset < recordsStart || offset >= recordsEnd) {
      throw new MalformedException("a path of its tree that leads out of its records");
    }
    return (int) offset;
  }

  private long next(int node, int bit) {
    int at = node * (recordBits / 4);
    switch (recordBits) {
      case 24:
        return threeBytes(at + 3 * bit);
      case 28:
        int middle = bytes[at + 3] & 0xff;
        return bit == 0
            ? (middle & 0xf0) << 20 | threeBytes(at)
            : (middle & 0x0f) << 24 | threeBytes(at + 4);
      default:
        int four = at + 4 * bit;
        return (bytes[four] & 0xffL) << 24 | threeBytes(four + 1);
    }
  }

  private int threeBytes(int at) {
    return (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
  }
}
