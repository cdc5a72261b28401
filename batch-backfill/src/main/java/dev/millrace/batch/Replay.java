package dev.millrace.batch;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import dev.millrace.core.Activation;
import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;

/**
 * Bronze to outcomes, by the folds that served them: each user's events in the order of the log,
 * under what was active for each.
 *
 * @param raw Bronze, as it was when this began
 * @param deciding what was active
 * @param unfit messages that no table holds, so far
 */
record Replay(Lake.Pinned raw, Deciding deciding, Settings settings, LongAccumulator unfit) {

  /**
   * @throws BatchException if the lake does not have what it needs
   */
  static Replay of(Lake lake, Settings settings) {
    Lake.Pinned raw = lake.pin(LakeTable.RAW.name());
    Deciding deciding =
        new Deciding(
            settings.artifacts(),
            settings.piiKeys(),
            activations(lake.pin(LakeTable.ACTIVATIONS.name())),
            null);
    requireActivations(raw, deciding);
    return new Replay(raw, deciding, settings, raw.spark().sparkContext().longAccumulator("unfit"));
  }

  /** Cleansing's tables, and one for each feature set that was ever in force. */
  List<LakeTable> tables() {
    List<LakeTable> tables =
        new ArrayList<>(List.of(LakeTable.CLEAN, LakeTable.DUPLICATES, LakeTable.QUARANTINED));
    for (Activation set : deciding.timeline().firstActivations().values()) {
      if (set.kind().equals(Activation.FEATURE_SET)) {
        tables.add(LakeTable.features(set.name(), set.version()));
      }
    }
    return tables;
  }

  /** All messages, of all tables; folded again each time that it is read and not persisted. */
  Dataset<Row> fold() {
    Dataset<Row> rows = raw.rows();
    Column key = coalesce(col(OriginColumns.KEY), lit(""));
    return rows.repartition(settings.partitions(), col(OriginColumns.PARTITION), key)
        .sortWithinPartitions(
            col(OriginColumns.PARTITION), key, age(rows), col(OriginColumns.OFFSET))
        .mapPartitions(new Fold(deciding), Encoders.row(Fold.OUT));
  }

  /** The rows of a table, of what was folded. */
  Dataset<Row> rows(Dataset<Row> folded, LakeTable table) {
    MessageRows rows = MessageRows.of(table, unfit);
    return folded
        .filter(col(Fold.TABLE).equalTo(table.name()))
        .mapPartitions(rows, Encoders.row(rows.columns()));
  }

  /** A topic that was created again continues its users' states, behind the one before. */
  private static Column age(Dataset<Row> rows) {
    List<Row> topics =
        rows.groupBy(OriginColumns.TOPIC_ID)
            .agg(min(OriginColumns.TIMESTAMP).as("since"))
            .orderBy("since", OriginColumns.TOPIC_ID)
            .collectAsList();
    // Not a bare 0, which would be the place of a column.
    Column age = lit(0).plus(0);
    for (int i = 1; i < topics.size(); i++) {
      age = when(col(OriginColumns.TOPIC_ID).equalTo(topics.get(i).getString(0)), i).otherwise(age);
    }
    return age;
  }

  private static List<Deciding.Logged> activations(Lake.Pinned table) {
    return table
        .rows()
        .orderBy(OriginColumns.OFFSET)
        .select(OriginColumns.OFFSET, "kind", "name", "version", "sha256", "role", "withdrawn")
        .collectAsList()
        .stream()
        .map(
            row ->
                new Deciding.Logged(
                    row.getLong(0),
                    row.getString(1),
                    row.getString(2),
                    row.getInt(3),
                    row.getString(4),
                    row.getString(5),
                    row.getBoolean(6)))
        .toList();
  }

  private static void requireActivations(Lake.Pinned raw, Deciding deciding) {
    Row last = raw.rows().agg(max("activation_offset")).first();
    if (!last.isNullAt(0) && last.getLong(0) > deciding.lastKnown()) {
      throw new BatchException(
          "Table %s has events of activation %d, and table %s ends at %d. Wait until the sink has landed it, and try again."
              .formatted(
                  LakeTable.RAW.name(),
                  last.getLong(0),
                  LakeTable.ACTIVATIONS.name(),
                  deciding.lastKnown()));
    }
  }
}
