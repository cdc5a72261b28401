package dev.millrace.batch.gold;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;

/** What databases say in different words. */
final class Dialect {

  private enum Family {
    MARIADB,
    MYSQL,
    STANDARD
  }

  /** Which part of the rows a row of the stage came with. */
  static final String PART = "millrace_part";

  private final Family family;
  private final String quote;
  private final boolean upperCase;

  private Dialect(Family family, String quote, boolean upperCase) {
    this.family = family;
    this.quote = quote;
    this.upperCase = upperCase;
  }

  static Dialect of(Connection connection) throws SQLException {
    DatabaseMetaData database = connection.getMetaData();
    String product = database.getDatabaseProductName().toLowerCase(Locale.ROOT);
    Family family =
        product.contains("mariadb")
            ? Family.MARIADB
            : product.contains("mysql") ? Family.MYSQL : Family.STANDARD;
    return new Dialect(
        family, database.getIdentifierQuoteString().trim(), database.storesUpperCaseIdentifiers());
  }

  /** So that a value that does not fit is an error and not another value. */
  void prepare(Connection connection) throws SQLException {
    if (family != Family.STANDARD) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'");
      }
    }
  }

  /** As the database keeps names that nobody quotes. */
  String stored(String name) {
    return upperCase ? name.toUpperCase(Locale.ROOT) : name;
  }

  String name(String name) {
    return quote + stored(name) + quote;
  }

  String createTable(GoldTable table, StructType types) {
    return "create table %s (%s, primary key (%s))%s"
        .formatted(
            name(table.published()), columns(table, types), names(table.keyNames()), options());
  }

  /** The same columns without a key. */
  String createStage(String stage, GoldTable table, StructType types) {
    return "create table %s (%s, %s integer not null)%s"
        .formatted(name(stage), columns(table, types), name(PART), options());
  }

  private String columns(GoldTable table, StructType types) {
    return table.fields().stream()
        .map(
            field ->
                name(field.name())
                    + " "
                    + type(types.apply(field.name()).dataType(), field.length())
                    + (table.keyNames().contains(field.name()) ? " not null" : ""))
        .collect(Collectors.joining(", "));
  }

  private String type(DataType type, int length) {
    if (type.equals(DataTypes.StringType)) {
      return "varchar(" + length + ")";
    }
    if (type.equals(DataTypes.TimestampType)) {
      return family == Family.STANDARD ? "timestamp(6)" : "datetime(6)";
    }
    if (type instanceof DecimalType decimal) {
      return "decimal(%d, %d)".formatted(decimal.precision(), decimal.scale());
    }
    if (type.equals(DataTypes.LongType)) {
      return "bigint";
    }
    if (type.equals(DataTypes.IntegerType)) {
      return "integer";
    }
    if (type.equals(DataTypes.DateType)) {
      return "date";
    }
    if (type.equals(DataTypes.BooleanType)) {
      return "boolean";
    }
    throw new IllegalStateException("No column of a database is declared for " + type);
  }

  /** Texts that differ in case or in a space at their end are not the same. */
  private String options() {
    return switch (family) {
      case MARIADB -> " engine=InnoDB default charset=utf8mb4 collate=utf8mb4_nopad_bin";
      case MYSQL -> " engine=InnoDB default charset=utf8mb4 collate=utf8mb4_0900_bin";
      case STANDARD -> "";
    };
  }

  String insert(String stage, GoldTable table) {
    List<String> fields = names(table);
    return "insert into %s (%s, %s) values (%s?)"
        .formatted(name(stage), names(fields), name(PART), "?, ".repeat(fields.size()));
  }

  /** One statement: from the stage into the table, by key. */
  String upsert(String stage, GoldTable table) {
    List<String> fields = names(table);
    List<String> others = fields.stream().filter(f -> !table.keyNames().contains(f)).toList();
    String target = name(table.published());
    String from = name(stage);
    if (family != Family.STANDARD) {
      return "insert into %s (%s) select %s from %s on duplicate key update %s"
          .formatted(
              target,
              names(fields),
              each(fields, f -> from + "." + name(f), ", "),
              from,
              each(others, f -> target + "." + name(f) + " = " + from + "." + name(f), ", "));
    }
    return "merge into %s t using %s s on (%s) when matched then update set %s when not matched then insert (%s) values (%s)"
        .formatted(
            target,
            from,
            each(table.keyNames(), f -> "t." + name(f) + " = s." + name(f), " and "),
            each(others, f -> name(f) + " = s." + name(f), ", "),
            names(fields),
            each(fields, f -> "s." + name(f), ", "));
  }

  private static List<String> names(GoldTable table) {
    return table.fields().stream().map(Field::name).toList();
  }

  private String names(List<String> names) {
    return each(names, this::name, ", ");
  }

  private static String each(List<String> names, UnaryOperator<String> said, String between) {
    return names.stream().map(said).collect(Collectors.joining(between));
  }
}
