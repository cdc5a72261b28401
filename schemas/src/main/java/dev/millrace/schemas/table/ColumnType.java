package dev.millrace.schemas.table;

import java.util.List;

/** What a column holds; each engine has its own name for it. */
public sealed interface ColumnType {

  /** What stands by itself. */
  enum Plain implements ColumnType {
    BOOLEAN,
    INTEGER,
    LONG,
    FLOAT,
    DOUBLE,
    STRING,
    BINARY,
    /** Days since 1970-01-01. */
    DATE,
    /** Microseconds since 1970-01-01T00:00Z. */
    TIMESTAMP
  }

  /** Fields by name. */
  record Struct(List<Column> fields) implements ColumnType {
    public Struct {
      fields = List.copyOf(fields);
    }
  }

  /**
   * A list.
   *
   * @param nullable its elements may be null
   */
  record ListOf(ColumnType element, boolean nullable) implements ColumnType {}

  /**
   * By names.
   *
   * @param nullable its values may be null
   */
  record MapOf(ColumnType value, boolean nullable) implements ColumnType {}
}
