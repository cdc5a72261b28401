package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.InetAddresses;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes MMDB databases for tests: records are maps, lists, texts, whole numbers, doubles and
 * booleans. A text or record that was written before is pointed at.
 */
public final class MmdbWriter {

  private static final int GAP = 16;
  private static final long POINTER = 1;
  private static final long TEXT = 2;
  private static final long MAP = 7;

  /** A child is a Node, an Integer for the offset of a record, or null for nothing. */
  private static final class Node {
    private final Object[] children = new Object[2];
  }

  private final int addressBits;
  private final int recordBits;
  private final Node root = new Node();
  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final Map<Object, Integer> written = new HashMap<>();
  private final Map<String, Object> metadata = new TreeMap<>();

  /**
   * @param ipVersion 4 or 6; an IPv4 network in a tree of version 6 lies under ::/96
   * @param recordBits 24, 28 or 32
   */
  public MmdbWriter(int ipVersion, int recordBits) {
    this.addressBits = ipVersion == 4 ? 32 : 128;
    this.recordBits = recordBits;
    metadata.putAll(
        Map.of(
            "binary_format_major_version",
            2,
            "binary_format_minor_version",
            0,
            "build_epoch",
            1_767_225_600L,
            "database_type",
            "Test",
            "description",
            Map.of("en", "a database for tests"),
            "ip_version",
            ipVersion,
            "languages",
            List.of("en"),
            "record_size",
            recordBits));
  }

  /** Says something else about the file than what is so. */
  public MmdbWriter describe(String name, Object value) {
    metadata.put(name, value);
    return this;
  }

  /** The record of a network, such as 192.0.2.0/24; of two that overlap, the later one holds. */
  public MmdbWriter put(String network, Object record) {
    Integer offset = written.get(record);
    return putOffset(network, offset == null ? append(record) : offset);
  }

  /** A network whose record is claimed to be at that offset behind the begin of the records. */
  public MmdbWriter putOffset(String network, int offset) {
    String[] parts = network.split("/", 2);
    byte[] address = InetAddresses.forString(parts[0]).getAddress();
    int above = addressBits - address.length * Byte.SIZE;
    set(address, above, above + Integer.parseInt(parts[1]), offset);
    return this;
  }

  /** Lets an IPv6 network show what is under ::/96, as 2002::/16 does for 6to4. */
  public MmdbWriter alias(String network) {
    Node ipv4 = root;
    for (int i = 0; i < 96; i++) {
      ipv4 = (Node) ipv4.children[0];
    }
    String[] parts = network.split("/", 2);
    set(InetAddresses.forString(parts[0]).getAddress(), 0, Integer.parseInt(parts[1]), ipv4);
    return this;
  }

  /** Appends bytes of any kind to the records; their offset. */
  public int appendBytes(byte... bytes) {
    int offset = records.size();
    records.writeBytes(bytes);
    return offset;
  }

  private void set(byte[] address, int above, int prefix, Object leaf) {
    Node node = root;
    for (int i = 0; i < prefix; i++) {
      int in = i - above;
      int bit = in < 0 ? 0 : address[in >>> 3] >>> (7 - (in & 7)) & 1;
      if (i == prefix - 1) {
        node.children[bit] = leaf;
      } else {
        if (!(node.children[bit] instanceof Node)) {
          Node split = new Node();
          split.children[0] = node.children[bit];
          split.children[1] = node.children[bit];
          node.children[bit] = split;
        }
        node = (Node) node.children[bit];
      }
    }
  }

  private int append(Object record) {
    int offset = records.size();
    write(records, record, written);
    written.put(record, offset);
    return offset;
  }

  public byte[] write() {
    Map<Node, Integer> nodes = new LinkedHashMap<>();
    number(root, nodes);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (Node node : nodes.keySet()) {
      long left = value(node.children[0], nodes);
      long right = value(node.children[1], nodes);
      BigInteger both =
          BigInteger.valueOf(left).shiftLeft(recordBits).or(BigInteger.valueOf(right));
      byte[] plain = fixed(both, recordBits / 4);
      if (recordBits == 28) {
        // The middle byte holds the highest bits of both: left ones first, then right ones.
        plain =
            fixed(
                BigInteger.valueOf(left & 0xffffff)
                    .shiftLeft(32)
                    .or(BigInteger.valueOf((left >>> 24) << 28 | right)),
                7);
      }
      file.writeBytes(plain);
    }
    file.writeBytes(new byte[GAP]);
    file.writeBytes(records.toByteArray());
    file.writeBytes("\u00ab\u00cd\u00efMaxMind.com".getBytes(ISO_8859_1));
    Map<String, Object> told = new TreeMap<>(Map.of("node_count", nodes.size()));
    told.putAll(metadata);
    ByteArrayOutputStream description = new ByteArrayOutputStream();
    write(description, told, new HashMap<>());
    file.writeBytes(description.toByteArray());
    return file.toByteArray();
  }

  private static void number(Node node, Map<Node, Integer> nodes) {
    if (nodes.putIfAbsent(node, nodes.size()) == null) {
      for (Object child : node.children) {
        if (child instanceof Node next) {
          number(next, nodes);
        }
      }
    }
  }

  private static long value(Object child, Map<Node, Integer> nodes) {
    if (child instanceof Node node) {
      return nodes.get(node);
    }
    return child instanceof Integer offset ? (long) nodes.size() + GAP + offset : nodes.size();
  }

  private static byte[] fixed(BigInteger number, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[length - 1 - i] = number.shiftRight(8 * i).byteValue();
    }
    return bytes;
  }

  private static void write(ByteArrayOutputStream to, Object value, Map<Object, Integer> known) {
    if (value instanceof Map<?, ?> map) {
      head(to, MAP, map.size());
      new TreeMap<>(map)
          .forEach(
              (key, member) -> {
                write(to, key, known);
                write(to, member, known);
              });
    } else if (value instanceof List<?> list) {
      head(to, 11, list.size());
      list.forEach(element -> write(to, element, known));
    } else if (value instanceof String text) {
      text(to, text, known);
    } else if (value instanceof Boolean truth) {
      head(to, 14, truth ? 1 : 0);
    } else if (value instanceof Double real) {
      head(to, 3, Double.BYTES);
      to.writeBytes(fixed(BigInteger.valueOf(Double.doubleToRawLongBits(real)), Double.BYTES));
    } else if (value instanceof Long number) {
      head(to, 9, Long.BYTES);
      to.writeBytes(fixed(BigInteger.valueOf(number), Long.BYTES));
    } else {
      int number = (Integer) value;
      int length = (32 - Integer.numberOfLeadingZeros(number) + 7) / 8;
      head(to, length <= 2 ? 5 : 6, length);
      to.writeBytes(fixed(BigInteger.valueOf(number), length));
    }
  }

  private static void text(ByteArrayOutputStream to, String text, Map<Object, Integer> known) {
    Integer before = known.get(text);
    if (before != null) {
      pointer(to, before);
      return;
    }
    known.put(text, to.size());
    byte[] bytes = text.getBytes(UTF_8);
    head(to, TEXT, bytes.length);
    to.writeBytes(bytes);
  }

  /** A pointer in the shortest of its four forms. */
  static void pointer(ByteArrayOutputStream to, int offset) {
    int[] base = {0, 2_048, 526_336, 0};
    int form = offset < base[1] ? 0 : offset < base[2] ? 1 : offset < base[2] + (1 << 27) ? 2 : 3;
    long value = offset - base[form];
    long high = form == 3 ? 0 : value >>> (8 * (form + 1));
    to.write((int) (POINTER << 5 | (long) form << 3 | high));
    to.writeBytes(fixed(BigInteger.valueOf(value), form + 1));
  }

  /** The head of a value of that type and size. */
  static void head(ByteArrayOutputStream to, long type, int size) {
    int[] least = {0, 29, 285, 65_821};
    int more = size < least[1] ? 0 : size < least[2] ? 1 : size < least[3] ? 2 : 3;
    long low = more == 0 ? size : 28 + more;
    to.write((int) (type <= 7 ? type << 5 | low : low));
    if (type > 7) {
      to.write((int) type - 7);
    }
    to.writeBytes(fixed(BigInteger.valueOf(size - least[more]), more));
  }
}
