package dev.millrace.batch.gold;

/**
 * A column of a Gold table.
 *
 * @param length of text at most, in characters; only a database asks
 */
record Field(String name, int length, String description) {

  static final int LONGEST = 256;

  static Field of(String name, String description) {
    return new Field(name, LONGEST, description);
  }
}
