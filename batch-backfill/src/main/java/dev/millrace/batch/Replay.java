package dev.millrace.batch;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Bronze to outcomes, by the folds that served them: each user's events in the order of the log,
 * under what was active for each.
 *
 * @param raw Bronze, as it was when this began
 * @param activations the log that says what was active
 * @param deciding what was active
 * @param range whose outcomes are wanted
 * @param topics ids of Bronze's topics, from the oldest on; a topic that was created again goes on
 *     with its users' states
 */
record Replay(
    Lake.Pinned raw,
    Lake.Pinned activations,
    Deciding deciding,
    Choice choice,
    Range range,
    List<String> topics,
    Settings settings) {

  /**
   * @throws BatchException if the lake does not have what it needs
   */
  static Replay of(Lake lake, Settings settings, Choice choice) {
    Lake.Pinned raw = lake.pin(LakeTable.RAW.name());
    Lake.Pinned activations = lake.pin(LakeTable.ACTIVATIONS.name());
    List<Deciding.Logged> log = activations(activations);
    Deciding deciding =
        new Deciding(
            settings.artifacts(),
            settings.piiKeys(),
            log,
            end(activations, log),
            featureSet(log, choice.featureSet()));
    requireActivations(raw, deciding);
    return new Replay(
        raw, activations, deciding, choice, Range.of(raw, choice), topics(raw.rows()), settings);
  }

  /** The same events in another order. */
  Replay in(Choice.Order order) {
    return new Replay(raw, activations, deciding, choice.in(order), range, topics, settings);
  }

  private static Deciding.@Nullable FeatureSetChoice featureSet(
      List<Deciding.Logged> log, @Nullable String wanted) {
    if (wanted == null) {
      return null;
    }
    List<String> known =
        log.stream()
            .filter(logged -> logged.kind().equals(Activation.FEATURE_SET))
            .map(logged -> logged.name() + "@" + logged.version())
            .distinct()
            .toList();
    return log.stream()
        .filter(logged -> logged.kind().equals(Activation.FEATURE_SET))
        .filter(logged -> wanted.equals(logged.name() + "@" + logged.version()))
        .findFirst()
        .map(
            logged ->
                new Deciding.FeatureSetChoice(logged.name(), logged.version(), logged.sha256()))
        .orElseThrow(
            () ->
                new BatchException(
                    "No feature set %s was ever activated; there are %s. Activate it first, which keeps it as an artifact."
                        .formatted(wanted, String.join(", ", known))));
  }

  /** Cleansing's tables, and one for each feature set that was ever in force, or was chosen. */
  List<LakeTable> tables() {
    Deciding.FeatureSetChoice chosen = deciding.insteadOfActive();
    List<LakeTable> tables =
        new ArrayList<>(List.of(LakeTable.CLEAN, LakeTable.DUPLICATES, LakeTable.QUARANTINED));
    if (chosen != null) {
      tables.add(LakeTable.features(chosen.name(), chosen.version()));
      return tables;
    }
    for (Activation set : deciding.timeline().firstActivations().values()) {
      if (set.kind().equals(Activation.FEATURE_SET)) {
        tables.add(LakeTable.features(set.name(), set.version()));
      }
    }
    return tables;
  }

  /** Of those, the tables of vectors. */
  List<LakeTable> featureTables() {
    return tables().stream().filter(table -> !featureNames(table).isEmpty()).toList();
  }

  /** Names of a vector's values, in their order; none for a table of other messages. */
  List<String> featureNames(LakeTable table) {
    Deciding.FeatureSetChoice chosen = deciding.insteadOfActive();
    if (chosen != null) {
      return table.equals(LakeTable.features(chosen.name(), chosen.version()))
          ? deciding.open().fold(0).set().columnNames()
          : List.of();
    }
    return deciding.timeline().firstActivations().entrySet().stream()
        .filter(first -> first.getValue().kind().equals(Activation.FEATURE_SET))
        .filter(
            first ->
                LakeTable.features(first.getValue().name(), first.getValue().version())
                    .equals(table))
        .findFirst()
        .map(first -> deciding.open().fold(first.getKey()).set().columnNames())
        .orElse(List.of());
  }

  /** All messages, of all tables; folded again each time that it is read and not persisted. */
  Dataset<Row> fold() {
    Dataset<Row> rows = wanted(raw.rows());
    Column key = coalesce(col(OriginColumns.KEY), lit(""));
    Column age = age(col(OriginColumns.TOPIC_ID));
    Column[] place = {col(OriginColumns.PARTITION), key, age, col(OriginColumns.OFFSET)};
    if (choice.order() == Choice.Order.CORRECTED) {
      rows =
          rows.mapPartitions(
              new EventTimes(deciding), Encoders.row(EventTimes.columns(rows.schema())));
      // What has no time changes no state, wherever it stands.
      place =
          new Column[] {
            col(OriginColumns.PARTITION),
            key,
            col(EventTimes.COLUMN).asc_nulls_first(),
            age,
            col(OriginColumns.OFFSET)
          };
    }
    return rows.repartition(settings.partitions(), col(OriginColumns.PARTITION), key)
        .sortWithinPartitions(place)
        .mapPartitions(new Fold(deciding, range), Encoders.row(Fold.OUT));
  }

  /** Without what lies behind the range: it changes nothing that is wanted. */
  private Dataset<Row> wanted(Dataset<Row> rows) {
    Dataset<Row> ends = range.rows(raw.spark());
    return rows.join(
            broadcast(ends),
            col(OriginColumns.TOPIC_ID)
                .equalTo(col(Range.TOPIC_ID))
                .and(col(OriginColumns.PARTITION).equalTo(col(Range.PARTITION)))
                .and(col(OriginColumns.OFFSET).lt(col(Range.TO))))
        .select(rows.col("*"));
  }

  /** The rows of a table, of what was folded. */
  Dataset<Row> rows(Dataset<Row> folded, LakeTable table) {
    MessageRows rows = MessageRows.of(table);
    return folded
        .filter(col(Fold.TABLE).equalTo(table.name()))
        .mapPartitions(rows, Encoders.row(rows.columns()));
  }

  private static List<String> topics(Dataset<Row> rows) {
    return rows
        .groupBy(OriginColumns.TOPIC_ID)
        .agg(min(OriginColumns.TIMESTAMP).as("since"))
        .orderBy("since", OriginColumns.TOPIC_ID)
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  /** Place of a topic among those that there were: the first has 0. */
  Column age(Column topicId) {
    // Not a bare 0, which would be the place of a column where rows are sorted.
    Column age = lit(0).plus(0);
    for (int i = 1; i < topics.size(); i++) {
      age = when(topicId.equalTo(topics.get(i)), i).otherwise(age);
    }
    return age;
  }

  /**
   * The last offset that is landed: also of a record that activates nothing, which the sink told as
   * a dead letter.
   */
  private static long end(Lake.Pinned activations, List<Deciding.Logged> log) {
    long end = log.isEmpty() ? ActivationTimeline.NONE : log.get(log.size() - 1).offset();
    for (Lake.Landed landed : activations.landed()) {
      end = Math.max(end, landed.last());
    }
    return end;
  }

  private static List<Deciding.Logged> activations(Lake.Pinned table) {
    if (table.rows().select(OriginColumns.TOPIC_ID).distinct().count() > 1) {
      throw new BatchException(
          "Table %s has records of several topics: the log of activations was created again, and its offsets no longer say what decided. Rebuild from a lake that has one log."
              .formatted(table.name()));
    }
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
                    // Columns that came later are null in older rows.
                    row.isNullAt(5) ? Activation.CHAMPION : row.getString(5),
                    !row.isNullAt(6) && row.getBoolean(6)))
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
