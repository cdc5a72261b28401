package dev.millrace.schemas;

import com.google.common.net.InetAddresses;
import com.maxmind.db.InvalidNetworkException;
import com.maxmind.db.Networks;
import com.maxmind.db.Reader;
import dev.millrace.core.cleansing.Lookups.Place;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where addresses are, read from a database in MaxMind's MMDB format. A country is its ISO 3166
 * code; a region is the first subdivision's English name, a city its English name. Safe for several
 * threads.
 */
public final class GeoDatabase {

  /** Bytes that are no such database, or one that is damaged. */
  public static final class InvalidGeoDatabaseException extends Exception {
    InvalidGeoDatabaseException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final int LONGEST_ADDRESS = 64;

  private final Reader reader;

  private GeoDatabase(Reader reader) {
    this.reader = reader;
  }

  /**
   * Opens a database; damage beyond its metadata shows when it is asked.
   *
   * @throws InvalidGeoDatabaseException if it can't be opened
   */
  public static GeoDatabase open(byte[] bytes) throws InvalidGeoDatabaseException {
    try {
      return new GeoDatabase(new Reader(new ByteArrayInputStream(bytes)));
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw damaged(e);
    }
  }

  /**
   * Reads every record; takes about a minute for a database of all cities.
   *
   * @return how many networks it holds
   * @throws InvalidGeoDatabaseException if any record can't be read
   */
  public long verify() throws InvalidGeoDatabaseException {
    long count = 0;
    try {
      Networks<Object> networks = reader.networks(Object.class);
      while (networks.hasNext()) {
        count++;
        Object record = networks.next().data();
        if (record instanceof Map<?, ?> map) {
          Object unused = place(map);
        }
      }
      return count;
    } catch (IOException | InvalidNetworkException | RuntimeException | StackOverflowError e) {
      throw damaged(e);
    }
  }

  /**
   * Where the address is; {@link Place#UNKNOWN} if it is no address or none that the database
   * knows.
   *
   * @throws InvalidGeoDatabaseException if its record is damaged
   */
  public Place locate(String ip) throws InvalidGeoDatabaseException {
    if (ip.length() > LONGEST_ADDRESS || !InetAddresses.isInetAddress(ip)) {
      return Place.UNKNOWN;
    }
    InetAddress address = InetAddresses.forString(ip);
    try {
      @Nullable Object record = reader.get(address, Object.class);
      return record instanceof Map<?, ?> map ? place(map) : Place.UNKNOWN;
    } catch (IllegalArgumentException e) {
      return Place.UNKNOWN; // an IPv6 address, and the database holds IPv4 only
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw damaged(e);
    }
  }

  private static Place place(Map<?, ?> record) {
    @Nullable Object subdivision =
        record.get("subdivisions") instanceof List<?> list && !list.isEmpty() ? list.get(0) : null;
    @Nullable String flat = text(record.get("country_code"));
    return new Place(
        flat == null ? text(member(record.get("country"), "iso_code")) : flat,
        englishName(subdivision),
        englishName(record.get("city")));
  }

  private static @Nullable String englishName(@Nullable Object place) {
    return text(member(member(place, "names"), "en"));
  }

  private static @Nullable Object member(@Nullable Object of, String name) {
    return of instanceof Map<?, ?> map ? map.get(name) : null;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value instanceof String text && !text.isBlank() ? text : null;
  }

  private static InvalidGeoDatabaseException damaged(Throwable cause) {
    return new InvalidGeoDatabaseException(
        "is no sound MMDB database (%s); get it again from where it came".formatted(cause), cause);
  }
}
