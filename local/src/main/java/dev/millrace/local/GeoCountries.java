package dev.millrace.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Whether a geo database can tell a country at all. In MMDB a name is kept as its length and its
 * letters, so what the bytes do not hold, no record says.
 */
final class GeoCountries {

  private static final int SHORT_TEXT = 0x40;

  private GeoCountries() {}

  /**
   * False only if it tells none of any address.
   *
   * @param database a sound one
   */
  static boolean canBeIn(byte[] database) {
    return holds(database, "country_code")
        || (holds(database, "country") && holds(database, "iso_code"));
  }

  private static boolean holds(byte[] database, String name) {
    byte[] kept = ((char) (SHORT_TEXT | name.length()) + name).getBytes(ISO_8859_1);
    for (int start = 0; start <= database.length - kept.length; start++) {
      int same = 0;
      while (same < kept.length && database[start + same] == kept[same]) {
        same++;
      }
      if (same == kept.length) {
        return true;
      }
    }
    return false;
  }
}
