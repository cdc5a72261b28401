package dev.millrace.batch.gold;

import static org.apache.spark.sql.functions.col;

import dev.millrace.batch.BatchException;
import dev.millrace.batch.Lake;
import dev.millrace.batch.Steps;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Upserts Gold tables into a database, by their keys: rows go to a stage beside the table, and from
 * there all at once, so that whenever it is killed a table is as it was or as it should be.
 */
final class PublishGold {

  /**
   * A table that was published.
   *
   * @param version of the Gold table
   */
  record Published(GoldTable table, long version, long rows) {}

  private static final int WRITERS = 8;

  private final Lake lake;
  private final List<GoldTable> tables;
  private final Login login;
  private final Steps steps;

  PublishGold(Lake lake, List<GoldTable> tables, Login login, Steps steps) {
    this.lake = lake;
    this.tables = tables;
    this.login = login;
    this.steps = steps;
  }

  /**
   * @throws BatchException if the database or a table of it is not as it should be
   */
  List<Published> run() {
    List<Lake.Pinned> pinned = new ArrayList<>();
    for (GoldTable table : tables) {
      if (!lake.has(table.path())) {
        throw new BatchException(
            "There is no table %s in %s. Run gold first, or correct --lake."
                .formatted(table.path(), lake.uri()));
      }
      pinned.add(lake.pin(table.path()));
    }
    List<Published> published = new ArrayList<>();
    try (Connection connection = login.open()) {
      Dialect dialect = Dialect.of(connection);
      for (GoldTable table : tables) {
        requireFit(connection, dialect, table);
      }
      for (int i = 0; i < tables.size(); i++) {
        GoldTable table = tables.get(i);
        Lake.Pinned gold = pinned.get(i);
        published.add(
            steps.get(table.published(), () -> publish(connection, dialect, table, gold)));
      }
      return published;
    } catch (SQLException e) {
      throw new BatchException(
          "The database %s does not do what it is asked. It says: %s"
              .formatted(login, login.said(e)));
    }
  }

  private Published publish(
      Connection connection, Dialect dialect, GoldTable table, Lake.Pinned gold) {
    String stage = table.published() + "_stage";
    try {
      Dataset<Row> rows =
          gold.rows()
              .select(
                  table.fields().stream().map(field -> col(field.name())).toArray(Column[]::new))
              .coalesce(WRITERS);
      if (!has(connection, dialect, table.published())) {
        execute(connection, dialect.createTable(table, rows.schema()));
      }
      drop(connection, dialect, stage);
      execute(connection, dialect.createStage(stage, table, rows.schema()));
      connection.commit();
      rows.foreachPartition(
          new StageWriter(
              login,
              dialect.insert(stage, table),
              "delete from %s where %s = ?"
                  .formatted(dialect.name(stage), dialect.name(Dialect.PART))));
      long staged = count(connection, dialect.name(stage));
      long expected = gold.rows().count();
      if (staged != expected) {
        throw new BatchException(
            "Table %s of %s is as it was: %d rows were written beside it and %s has %d. Somebody else publishes at the same time; run the command again when they are done."
                .formatted(table.published(), login, staged, table.path(), expected));
      }
      execute(connection, dialect.upsert(stage, table));
      connection.commit();
      drop(connection, dialect, stage);
      connection.commit();
      return new Published(table, gold.version(), expected);
    } catch (SQLException e) {
      rollback(connection, e);
      throw asItWas(table, login.said(e));
    } catch (BatchException e) {
      throw e;
    } catch (RuntimeException e) {
      throw asItWas(table, login.said(ofTheTask(e)));
    }
  }

  private BatchException asItWas(GoldTable table, String said) {
    return new BatchException(
        "Cannot publish %s to %s, whose table is as it was. Put right what it says, and run the command again. It says: %s"
            .formatted(table.published(), login, said));
  }

  private static void rollback(Connection connection, SQLException failure) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /** Of a failed job, what its last task said. */
  private static Throwable ofTheTask(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchException) {
        return cause;
      }
    }
    return failure.getCause() instanceof SparkException job ? job : failure;
  }

  private void requireFit(Connection connection, Dialect dialect, GoldTable table)
      throws SQLException {
    if (!has(connection, dialect, table.published())) {
      return;
    }
    DatabaseMetaData database = connection.getMetaData();
    SortedSet<String> columns = new TreeSet<>();
    try (ResultSet found =
        database.getColumns(
            connection.getCatalog(),
            connection.getSchema(),
            dialect.stored(table.published()),
            null)) {
      while (found.next()) {
        // An underscore in the name stands for any character.
        if (found.getString("TABLE_NAME").equalsIgnoreCase(table.published())) {
          columns.add(found.getString("COLUMN_NAME").toLowerCase(Locale.ROOT));
        }
      }
    }
    require(
        table,
        "the columns",
        columns,
        table.fields().stream().map(Field::name).collect(Collectors.toCollection(TreeSet::new)));
    SortedSet<String> keys = new TreeSet<>();
    try (ResultSet found =
        database.getPrimaryKeys(
            connection.getCatalog(), connection.getSchema(), dialect.stored(table.published()))) {
      while (found.next()) {
        keys.add(found.getString("COLUMN_NAME").toLowerCase(Locale.ROOT));
      }
    }
    require(table, "the primary key", keys, new TreeSet<>(table.keyNames()));
  }

  private void require(
      GoldTable table, String what, SortedSet<String> found, SortedSet<String> wanted) {
    if (!found.equals(wanted)) {
      throw new BatchException(
          "Table %s of %s is another one: it has %s %s, and %s has %s. Nothing was changed. Rename it, or drop it if it was made by an older version, and run the command again."
              .formatted(table.published(), login, what, found, table.path(), wanted));
    }
  }

  private static boolean has(Connection connection, Dialect dialect, String table)
      throws SQLException {
    try (ResultSet found =
        connection
            .getMetaData()
            .getTables(
                connection.getCatalog(), connection.getSchema(), dialect.stored(table), null)) {
      while (found.next()) {
        if (found.getString("TABLE_NAME").equalsIgnoreCase(table)) {
          return true;
        }
      }
      return false;
    }
  }

  private static void drop(Connection connection, Dialect dialect, String stage)
      throws SQLException {
    if (has(connection, dialect, stage)) {
      execute(connection, "drop table " + dialect.name(stage));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select count(*) from " + table)) {
      found.next();
      return found.getLong(1);
    }
  }
}
