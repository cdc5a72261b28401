package dev.millrace.core.cleansing;

import java.util.Collections;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** What a contract looks up beside the event, as it was active for that event. */
public interface Lookups {

  /** Where an address is; a part that the database does not know is null. */
  record Place(@Nullable String country, @Nullable String region, @Nullable String city) {

    /** Of an address that the database does not know. */
    public static final Place UNKNOWN = new Place(null, null, null);
  }

  /** Whether a reference set holds the value; null if no such set is active. */
  @Nullable Boolean contains(String referenceSet, String value);

  /** Where the address is; null if no geo database is active. */
  @Nullable Place locate(String ip);

  /**
   * Stands for a value that must not be seen: equal for equal values, and not to be turned back.
   */
  String token(String value);

  /** What answers here: SHA-256 by kind and name, such as {@code geo/ip}. */
  default SortedMap<String, String> sha256s() {
    return Collections.emptySortedMap();
  }
}
