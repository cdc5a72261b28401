package dev.millrace.model;

import java.util.regex.Pattern;

/** The forms of names that stand in YAML, JSON, topics and file names without quoting. */
final class Names {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,99}");
  private static final Pattern COLUMN = Pattern.compile("[a-z][a-z0-9_]{0,199}");

  private Names() {}

  static void requireName(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "The %s is named '%s'; use a letter, then letters, digits and '-', all lower case"
              .formatted(what, name));
    }
  }

  static void requireColumn(String column) {
    if (!COLUMN.matcher(column).matches()) {
      throw new IllegalArgumentException(
          "A column is named '%s'; use a letter, then letters, digits and '_', all lower case"
              .formatted(column));
    }
  }
}
