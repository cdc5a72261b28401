package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.net.InetAddresses;
import dev.millrace.core.cleansing.Lookups.Place;
import dev.millrace.schemas.MmdbSection.MalformedException;
import dev.millrace.schemas.MmdbSection.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where addresses are, read from a database in MaxMind's MMDB format. A country is its ISO 3166
 * code; a region is the first subdivision's English name, a city its English name. Safe for several
 * threads.
 *
 * <p>All of it is checked when it is opened, so a database is sound or there is none, and which of
 * the two depends on its bytes alone. It keeps the bytes it was given, and no others.
 */
public final class GeoDatabase {

  /** Bytes that are no such database, or one that is damaged. */
  public static final class InvalidGeoDatabaseException extends Exception {
    InvalidGeoDatabaseException(String message) {
      super(message);
    }
  }

  private static final byte[] MARKER = "\u00ab\u00cd\u00efMaxMind.com".getBytes(ISO_8859_1);
  private static final int MOST_METADATA = 128 * 1024;
  private static final int FORMAT = 2;
  private static final int LONGEST_NAME = 1_024;

  private static final int LONGEST_ADDRESS = 45;

  private static final byte[] CITY = "city".getBytes(ISO_8859_1);
  private static final byte[] COUNTRY = "country".getBytes(ISO_8859_1);
  private static final byte[] COUNTRY_CODE = "country_code".getBytes(ISO_8859_1);
  private static final byte[] ENGLISH = "en".getBytes(ISO_8859_1);
  private static final byte[] ISO_CODE = "iso_code".getBytes(ISO_8859_1);
  private static final byte[] NAMES = "names".getBytes(ISO_8859_1);
  private static final byte[] SUBDIVISIONS = "subdivisions".getBytes(ISO_8859_1);

  private final MmdbTree tree;
  private final MmdbSection records;

  private GeoDatabase(MmdbTree tree, MmdbSection records) {
    this.tree = tree;
    this.records = records;
  }

  /**
   * Opens a database and checks every path and record of it; takes seconds for all cities.
   *
   * @param bytes not to be changed from now on
   * @throws InvalidGeoDatabaseException if it is no sound database
   */
  public static GeoDatabase open(byte[] bytes) throws InvalidGeoDatabaseException {
    try {
      return checked(bytes);
    } catch (MalformedException e) {
      throw new InvalidGeoDatabaseException(
          "is no sound MMDB database: it has %s; get it again from where it came"
              .formatted(e.getMessage()));
    }
  }

  private static GeoDatabase checked(byte[] bytes) {
    int marker = marker(bytes);
    MmdbSection description = new MmdbSection(bytes, marker + MARKER.length, bytes.length);
    new MmdbCheck(description).check(description.start());
    Value metadata = description.at(description.start());
    long format = description.number(metadata, "binary_format_major_version");
    if (format != FORMAT) {
      throw new MalformedException("format version %d, and %d is the one known", format, FORMAT);
    }
    MmdbTree tree =
        new MmdbTree(
            bytes,
            description.number(metadata, "node_count"),
            description.number(metadata, "record_size"),
            description.number(metadata, "ip_version"),
            marker);
    MmdbSection records = new MmdbSection(bytes, tree.recordsStart(), marker);
    tree.check(new MmdbCheck(records)::check);
    return new GeoDatabase(tree, records);
  }

  /** Where the last marker is: the description behind it ends the file. */
  private static int marker(byte[] bytes) {
    int last = bytes.length - MARKER.length;
    for (int at = last; at >= Math.max(0, last - MOST_METADATA); at--) {
      if (Arrays.equals(bytes, at, at + MARKER.length, MARKER, 0, MARKER.length)) {
        return at;
      }
    }
    throw new MalformedException("no metadata");
  }

  /**
   * Where the address is; {@link Place#UNKNOWN} if it is no address or none that the database
   * knows.
   */
  public Place locate(String ip) {
    // A % would be followed by the name of a network interface, and ask this machine for it.
    if (ip.length() > LONGEST_ADDRESS || ip.indexOf('%') >= 0 || !InetAddresses.isInetAddress(ip)) {
      return Place.UNKNOWN;
    }
    // An IPv4 address in IPv6's clothes, ::ffff:a.b.c.d, comes out as an IPv4 address.
    int offset = tree.find(InetAddresses.forString(ip).getAddress());
    return offset == MmdbTree.NOTHING ? Place.UNKNOWN : place(records.resolved(offset));
  }

  private Place place(Value record) {
    @Nullable String flat = text(records.member(record, COUNTRY_CODE));
    return new Place(
        flat == null ? text(records.member(records.member(record, COUNTRY), ISO_CODE)) : flat,
        englishName(records.first(records.member(record, SUBDIVISIONS))),
        englishName(records.member(record, CITY)));
  }

  private @Nullable String englishName(@Nullable Value place) {
    return text(records.member(records.member(place, NAMES), ENGLISH));
  }

  private @Nullable String text(@Nullable Value value) {
    @Nullable String text =
        value == null || value.size() > LONGEST_NAME ? null : records.text(value);
    return text == null || text.isBlank() ? null : text;
  }
}
