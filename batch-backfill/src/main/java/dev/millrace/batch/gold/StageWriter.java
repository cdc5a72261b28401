package dev.millrace.batch.gold;

import dev.millrace.batch.BatchException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Writes its part of the rows into the stage, in one transaction; what an attempt before has left
 * of the part goes first.
 *
 * @param delete of a part
 */
record StageWriter(Login login, String insert, String delete)
    implements ForeachPartitionFunction<Row> {

  private static final int BATCH = 1_000;

  @Override
  public void call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return;
    }
    TaskContext task = TaskContext.get();
    try (Connection connection = login.open()) {
      if (task.attemptNumber() > 0) {
        try (PreparedStatement statement = connection.prepareStatement(delete)) {
          statement.setInt(1, task.partitionId());
          statement.executeUpdate();
        }
      }
      try (PreparedStatement statement = connection.prepareStatement(insert)) {
        write(rows, statement, task.partitionId());
      }
      connection.commit();
    } catch (SQLException e) {
      // Without its cause, which Spark would log with all that a driver says.
      throw new BatchException(login.said(e));
    }
  }

  private static void write(Iterator<Row> rows, PreparedStatement statement, int part)
      throws SQLException {
    int waiting = 0;
    while (rows.hasNext()) {
      Row row = rows.next();
      for (int i = 0; i < row.size(); i++) {
        statement.setObject(i + 1, value(row.get(i)));
      }
      statement.setInt(row.size() + 1, part);
      statement.addBatch();
      waiting++;
      if (waiting == BATCH) {
        statement.executeBatch();
        waiting = 0;
      }
    }
    if (waiting > 0) {
      statement.executeBatch();
    }
  }

  /** Times without a zone, in UTC, whatever zone the database is in. */
  private static @Nullable Object value(@Nullable Object value) {
    return value instanceof Instant time ? LocalDateTime.ofInstant(time, ZoneOffset.UTC) : value;
  }
}
