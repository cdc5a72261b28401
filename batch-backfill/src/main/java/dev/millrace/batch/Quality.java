package dev.millrace.batch;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.unix_micros;

import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.schemas.stage.FeaturesStage;
import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Whether the lake's rows are what they must be, so that a next step may build on them: each record
 * once, each event as its contract demands, ids unique, and an outcome for everything.
 *
 * <p>It believes what was decided and looks for what happened since: rows that were lost, doubled
 * or changed. Whether the decisions were right is for {@link Parity} to prove.
 */
final class Quality {

  private static final String SCORING = "scoring";
  private static final List<String> SCORED_BY = List.of("model", "model_version", "shadow");

  private final SparkSession spark;
  private final Lake lake;
  private final Settings settings;
  private final Instant now;
  private final @Nullable Duration maxAge;
  private final Steps steps;
  private final SortedMap<String, Long> versions = new TreeMap<>();
  private final List<QualityReport.Finding> findings = new ArrayList<>();
  private long pending;

  /**
   * @param now when it is
   * @param maxAge how old the newest raw event may be; null = as old as it is
   */
  Quality(Lake lake, Settings settings, Instant now, @Nullable Duration maxAge, Steps steps) {
    this.spark = lake.spark();
    this.lake = lake;
    this.settings = settings;
    this.now = now;
    this.maxAge = maxAge;
    this.steps = steps;
  }

  /**
   * @throws BatchException if the lake has no raw events
   */
  QualityReport run() {
    Replay replay = Replay.of(lake, settings, Choice.SERVED);
    Dataset<Row> raw = pin(LakeTable.RAW);
    Dataset<Row> clean = rows(LakeTable.CLEAN);
    Dataset<Row> quarantined = rows(LakeTable.QUARANTINED);
    Instant newest = steps.get("freshness", () -> freshness(raw));
    List<LakeTable> served = new ArrayList<>(List.of(LakeTable.ACTIVATIONS, LakeTable.RAW));
    served.addAll(replay.tables());
    served.add(LakeTable.SCORES);
    for (LakeTable table : served) {
      steps.run("positions of " + table.name(), () -> positions(table));
    }
    steps.run("contracts", () -> contracts(clean));
    steps.run("event ids", () -> eventIds(clean));
    steps.run("raw events and their outcomes", () -> outcomes(raw, clean, quarantined));
    for (LakeTable features : replay.featureTables()) {
      steps.run(
          "clean events and " + features.name(),
          () -> vectors(replay, clean, quarantined, features));
      steps.run(features.name() + " and scores", () -> scores(features, quarantined));
    }
    steps.run("scores", this::probabilities);
    SortedMap<String, Double> nullShares = steps.get("nulls", () -> nullShares(clean));
    return new QualityReport(now, versions, findings, pending, newest, nullShares);
  }

  private Dataset<Row> pin(LakeTable table) {
    Lake.Pinned pinned = lake.pin(table.name());
    Long known = versions.putIfAbsent(table.name(), pinned.version());
    return known == null || known == pinned.version()
        ? pinned.rows()
        : new Lake.Pinned(spark, pinned.name(), pinned.path(), known).rows();
  }

  /** No rows if nothing was landed yet. */
  private Dataset<Row> rows(LakeTable table) {
    if (lake.has(table.name())) {
      return pin(table);
    }
    StructType columns =
        new StructType()
            .add(OriginColumns.TOPIC_ID, DataTypes.StringType)
            .add(OriginColumns.PARTITION, DataTypes.IntegerType)
            .add(OriginColumns.OFFSET, DataTypes.LongType);
    for (var column : MessageRows.of(table).columns().fields()) {
      columns = columns.add(column);
    }
    return spark.createDataFrame(List.of(), columns);
  }

  static @Nullable String told(@Nullable Row place) {
    return place == null
        ? null
        : "partition %d, offset %d of topic %s"
            .formatted(place.getInt(0), place.getLong(1), place.getString(2));
  }

  private static Column at(String partition, String offset, String topicId) {
    return struct(col(partition), col(offset), col(topicId));
  }

  private static Column originAt() {
    return at("origin.partition", "origin.offset", "origin.topic_id");
  }

  private void add(
      LakeTable table,
      QualityReport.Check check,
      @Nullable String about,
      long rows,
      long wrong,
      @Nullable String first) {
    findings.add(
        new QualityReport.Finding(
            table.name(), check.name(), about, rows, wrong, check.stops(), first));
  }

  private @Nullable Instant freshness(Dataset<Row> raw) {
    Row newest = raw.agg(max("received_at"), count(lit(1))).first();
    Instant at = newest.isNullAt(0) ? null : newest.getAs(0);
    if (maxAge != null) {
      boolean stale = at == null || at.isBefore(now.minus(maxAge));
      add(
          LakeTable.RAW,
          QualityReport.Check.STALE,
          "newest",
          newest.getLong(1),
          stale ? 1 : 0,
          stale ? "arrived at " + at : null);
    }
    return at;
  }

  private void positions(LakeTable table) {
    Dataset<Row> rows = rows(table);
    Row found =
        rows.groupBy(OriginColumns.TOPIC_ID, OriginColumns.PARTITION, OriginColumns.OFFSET)
            .agg(count(lit(1)).as("times"))
            .filter(col("times").gt(1))
            .agg(
                count(lit(1)),
                min(at(OriginColumns.PARTITION, OriginColumns.OFFSET, OriginColumns.TOPIC_ID)))
            .first();
    add(
        table,
        QualityReport.Check.DUPLICATE_POSITION,
        null,
        rows.count(),
        found.getLong(0),
        told(found.getStruct(1)));
  }

  private void contracts(Dataset<Row> clean) {
    long rows = clean.count();
    List<Row> violated =
        clean
            .mapPartitions(new RuleCheck(settings.artifacts()), Encoders.row(RuleCheck.COLUMNS))
            .groupBy(RuleCheck.REASON, RuleCheck.FIELD)
            .agg(count(lit(1)), min(originAt()))
            .orderBy(RuleCheck.REASON, RuleCheck.FIELD)
            .collectAsList();
    if (violated.isEmpty()) {
      findings.add(
          new QualityReport.Finding(
              LakeTable.CLEAN.name(),
              QualityReport.Check.CONTRACT.name(),
              null,
              rows,
              0,
              true,
              null));
    }
    for (Row one : violated) {
      findings.add(
          new QualityReport.Finding(
              LakeTable.CLEAN.name(),
              one.getString(0),
              one.getString(1),
              rows,
              one.getLong(2),
              true,
              told(one.getStruct(3))));
    }
  }

  private void eventIds(Dataset<Row> clean) {
    long rows = clean.count();
    Dataset<Row> again =
        clean
            .groupBy("user_id", "event_id")
            .agg(count(lit(1)).as("times"))
            .filter(col("times").gt(1));
    Dataset<Row> ofThoseUsers =
        clean.join(again.select("user_id").distinct(), using("user_id"), "left_semi");
    WindowSpec before = Window.partitionBy("user_id").orderBy(asTheyCame());
    // An id is forgotten when its event is further behind the user's newest than any may be.
    Dataset<Row> repeated =
        ofThoseUsers
            .join(broadcast(horizons(clean)), using("contract_sha256"), "left")
            .withColumn(
                "watermark",
                max("event_time").over(before.rowsBetween(Window.unboundedPreceding(), -1)))
            .withColumn(
                "first_time",
                lag("event_time", 1)
                    .over(Window.partitionBy("user_id", "event_id").orderBy(asTheyCame())))
            .filter(
                col("first_time")
                    .isNotNull()
                    .and(micros("first_time").geq(micros("watermark").minus(col("horizon")))));
    Row found = repeated.agg(count(lit(1)), min(originAt())).first();
    add(
        LakeTable.CLEAN,
        QualityReport.Check.DUPLICATE_EVENT_ID,
        null,
        rows,
        found.getLong(0),
        told(found.getStruct(1)));
    Row shared =
        clean
            .filter(not(col("event_id_derived")))
            .groupBy("event_id")
            .agg(countDistinct("user_id").as("users"), min(originAt()).as("first"))
            .filter(col("users").gt(1))
            .agg(count(lit(1)), min("first"))
            .first();
    add(
        LakeTable.CLEAN,
        QualityReport.Check.SHARED_EVENT_ID,
        null,
        rows,
        shared.getLong(0),
        told(shared.getStruct(1)));
  }

  private static Column[] asTheyCame() {
    return new Column[] {
      col(OriginColumns.TIMESTAMP), col("origin.partition"), col("origin.offset")
    };
  }

  private static Column micros(String time) {
    return unix_micros(col(time));
  }

  private static scala.collection.immutable.Seq<String> using(String... columns) {
    return CollectionConverters.asScala(Arrays.asList(columns)).toSeq();
  }

  /** How long each contract remembers ids, in microseconds. */
  private Dataset<Row> horizons(Dataset<Row> clean) {
    ArtifactStore store = new ArtifactStore(Path.of(settings.artifacts()));
    List<Row> horizons =
        clean.select("contract_sha256").distinct().collectAsList().stream()
            .map(
                row -> {
                  Duration horizon =
                      ContractDeclaration.of(store.get(row.getString(0)))
                          .contract()
                          .longestHorizon();
                  return RowFactory.create(row.getString(0), horizon.toNanos() / 1_000);
                })
            .toList();
    return spark.createDataFrame(
        horizons,
        new StructType()
            .add("contract_sha256", DataTypes.StringType)
            .add("horizon", DataTypes.LongType));
  }

  private void outcomes(Dataset<Row> raw, Dataset<Row> clean, Dataset<Row> quarantined) {
    Dataset<Row> rows =
        raw.select(
            col(OriginColumns.TOPIC_ID).as("topic_id"),
            col(OriginColumns.PARTITION).as("partition"),
            col(OriginColumns.OFFSET).as("offset"),
            col("received_at").as(Conservation.AT));
    Column[] place = Conservation.place("origin");
    Dataset<Row> outcomes =
        clean
            .select(place)
            .unionByName(rows(LakeTable.DUPLICATES).select(place))
            .unionByName(
                quarantined
                    .filter(
                        col("stage")
                            .equalTo(CleansingStage.NAME)
                            // What was no message of ours is not in Bronze either.
                            .and(col("received_at").isNotNull()))
                    .select(place));
    hold(
        new Conservation(
            LakeTable.RAW.name(),
            "clean, duplicates, quarantined",
            Conservation.PLACE,
            rows,
            outcomes));
  }

  private void hold(Conservation conservation) {
    Conservation.Law law = conservation.hold(now);
    findings.addAll(law.findings());
    pending += law.pending();
  }

  private void vectors(
      Replay replay, Dataset<Row> clean, Dataset<Row> quarantined, LakeTable features) {
    Deciding.Opened deciding = replay.deciding().open();
    List<Object> offsets = new ArrayList<>();
    Set<Object> sets = new TreeSet<>();
    for (Row row : clean.select("activation_offset").distinct().collectAsList()) {
      deciding.sets(row.getLong(0)).stream()
          .map(ActiveFeatureSet::activation)
          .filter(set -> LakeTable.features(set.name(), set.version()).equals(features))
          .forEach(
              set -> {
                offsets.add(row.getLong(0));
                sets.add(set.sha256());
              });
    }
    Column[] place = Conservation.place("origin");
    List<Column> columns = new ArrayList<>(Arrays.asList(place));
    columns.add(col("received_at").as(Conservation.AT));
    Dataset<Row> vectors = rows(features);
    hold(
        new Conservation(
            LakeTable.CLEAN.name(),
            features.name(),
            Conservation.PLACE,
            clean
                .filter(col("activation_offset").isin(offsets.toArray()))
                .select(columns.toArray(Column[]::new)),
            vectors
                .select(place)
                .unionByName(
                    quarantined
                        .filter(
                            col("stage")
                                .equalTo(FeaturesStage.NAME)
                                .and(col("received_at").isNotNull())
                                .and(col("feature_set_sha256").isin(sets.toArray())))
                        .select(place))));
  }

  /** A model that has scored one vector of an activation scores all that are of the same kind. */
  private void scores(LakeTable features, Dataset<Row> quarantined) {
    List<String> kind = List.of("activation_offset", "feature_set_sha256");
    Dataset<Row> vectors = rows(features);
    Dataset<Row> scored =
        rows(LakeTable.SCORES)
            .join(
                broadcast(vectors.select("feature_set_sha256").distinct()),
                using("feature_set_sha256"),
                "left_semi");
    List<Column> columns = new ArrayList<>(Arrays.asList(Conservation.place("origin")));
    SCORED_BY.forEach(column -> columns.add(col(column)));
    Dataset<Row> models = scored.select(kindAnd(kind)).distinct();
    List<Column> wanted = new ArrayList<>(columns);
    wanted.add(col("received_at").as(Conservation.AT));
    Dataset<Row> rows =
        vectors
            .join(broadcast(models), CollectionConverters.asScala(kind).toSeq())
            .select(wanted.toArray(Column[]::new));
    List<Column> refused = new ArrayList<>(Arrays.asList(Conservation.place("origin")));
    refused.add(col("model"));
    refused.add(col("model_version"));
    refused.add(lit(false).as("shadow"));
    List<String> keys = new ArrayList<>(Conservation.PLACE);
    keys.addAll(SCORED_BY);
    hold(
        new Conservation(
            features.name(),
            LakeTable.SCORES.name(),
            keys,
            rows,
            scored
                .select(columns.toArray(Column[]::new))
                .unionByName(
                    quarantined
                        .filter(col("stage").equalTo(SCORING))
                        .join(
                            broadcast(vectors.select("feature_set_sha256").distinct()),
                            using("feature_set_sha256"),
                            "left_semi")
                        .select(refused.toArray(Column[]::new)))));
  }

  private static Column[] kindAnd(List<String> kind) {
    List<Column> columns = new ArrayList<>();
    kind.forEach(column -> columns.add(col(column)));
    SCORED_BY.forEach(column -> columns.add(col(column)));
    return columns.toArray(Column[]::new);
  }

  private void probabilities() {
    Dataset<Row> scores = rows(LakeTable.SCORES);
    // Not "outside": NaN is neither below nor above.
    Column inside = coalesce(col("score").between(0.0, 1.0), lit(false));
    Row found = scores.filter(not(inside)).agg(count(lit(1)), min(originAt())).first();
    add(
        LakeTable.SCORES,
        QualityReport.Check.OUT_OF_RANGE,
        "score",
        scores.count(),
        found.getLong(0),
        told(found.getStruct(1)));
  }

  private static SortedMap<String, Double> nullShares(Dataset<Row> clean) {
    String[] names = clean.columns();
    Column[] counts =
        Arrays.stream(names).map(name -> count(col(name)).as(name)).toArray(Column[]::new);
    Row row = clean.agg(count(lit(1)), counts).first();
    SortedMap<String, Double> shares = new TreeMap<>();
    long rows = row.getLong(0);
    for (int i = 0; i < names.length; i++) {
      long nulls = rows - row.getLong(1 + i);
      if (nulls > 0) {
        shares.put(names[i], (double) nulls / rows);
      }
    }
    return shares;
  }
}
