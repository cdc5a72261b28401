package dev.millrace.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.Activation;
import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.LedgerCodec;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.core.state.StateCodec;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SourceMapping;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.schemas.stage.Fault;
import dev.millrace.schemas.stage.FeaturesStage;
import dev.millrace.schemas.stage.Folded;
import dev.millrace.schemas.stage.Sorted;
import dev.millrace.schemas.stage.StateHost;
import dev.millrace.schemas.table.Column;
import dev.millrace.schemas.table.ColumnType;
import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import dev.millrace.schemas.table.RecordColumns;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * A lake as the sink leaves it: raw events, and what a host of the plainest kind, a loop over all
 * events with every state in a map, made of them.
 */
public final class ServedLake {

  static final String TOPIC_ID = "raw-topic";
  public static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  private static final Path SCHEMAS = Path.of("..", "schemas");

  /** A record that was landed. */
  private record Landed(int partition, long offset, Instant at, String key, byte[] message) {}

  private final SparkSession spark = TestSpark.session();
  private final Path directory;
  private final ArtifactStore artifacts;
  private final List<Deciding.Logged> activations = new ArrayList<>();
  private final List<Landed> activationRecords = new ArrayList<>();
  private final Map<Integer, Long> ends = new TreeMap<>();
  private final List<Landed> raw = new ArrayList<>();
  private final List<RawEventMessage> rawMessages = new ArrayList<>();

  public ServedLake(Path directory) throws IOException {
    this.directory = directory;
    this.artifacts = new ArtifactStore(directory.resolve("artifacts"));
    activate(
        Activation.CONTRACT, "user-activity", 1, contract(text("contracts/user-activity.yaml")));
    activate(
        Activation.SOURCE,
        "default",
        1,
        SourceMapping.compile("default.yaml", text("sources/default.yaml")).canonical());
    activate(
        Activation.FEATURE_SET,
        "user-activity",
        1,
        FeatureSetDeclaration.compile("user-activity.yaml", text("feature-sets/user-activity.yaml"))
            .canonical());
  }

  static String text(String file) throws IOException {
    return Files.readString(SCHEMAS.resolve(file));
  }

  static byte[] contract(String yaml) {
    return ContractDeclaration.compile("user-activity.yaml", yaml).canonical();
  }

  /** The same, in another directory. */
  ServedLake copyTo(Path other) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            other.resolve(directory.relativize(file).toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return new ServedLake(other);
  }

  /** From the next event on. */
  ServedLake activate(String kind, String name, int version, byte[] canonical) {
    Activation activation = new Activation(kind, name, version, artifacts.put(canonical));
    long offset = activations.size() * 2L; // transactions leave gaps
    activations.add(
        new Deciding.Logged(
            offset, kind, name, version, activation.sha256(), activation.role(), false));
    activationRecords.add(
        new Landed(
            0,
            offset,
            START,
            activation.key(),
            MessageCodec.unregistered(Topics.ACTIVATIONS)
                .encode(
                    Messages.activation(
                        activation, URI.create("file:///a"), "test", "a test", START))));
    return this;
  }

  /** An event of the user, whose partition is its own. */
  public ServedLake send(String user, String json) {
    int partition = Math.floorMod(user.hashCode(), 3);
    long offset = ends.merge(partition, 2L, Long::sum);
    Instant at = START.plusSeconds(86_400).plusMillis(raw.size());
    RawEventMessage message =
        RawEventMessage.newBuilder()
            .setIngestId("i-" + raw.size())
            .setSource("default")
            .setContentType("application/json")
            .setPayload(ByteBuffer.wrap(json.getBytes(UTF_8)))
            .setReceivedAt(at)
            .setActivationOffset(activations.get(activations.size() - 1).offset())
            .build();
    rawMessages.add(message);
    raw.add(
        new Landed(
            partition, offset, at, user, MessageCodec.unregistered(Topics.RAW).encode(message)));
    return this;
  }

  Settings settings(int partitions) {
    return new Settings(
        uri(), directory.resolve("artifacts").toString(), "../local/pii-keys", partitions);
  }

  String uri() {
    return directory.resolve("lake").toUri().toString();
  }

  public Lake lake() {
    return new Lake(spark, uri());
  }

  Certificate parity(int partitions) {
    return new Parity(
            lake(), Replay.of(lake(), settings(partitions), Choice.SERVED), new Steps(System.out))
        .run();
  }

  /** Serves every event and lands all that comes of it. */
  public ServedLake serve() throws IOException {
    List<Integer> inOrder = IntStream.range(0, raw.size()).boxed().toList();
    land(LakeTable.ACTIVATIONS, "activations-topic", activationRecords);
    land(LakeTable.RAW, TOPIC_ID, raw);
    for (Map.Entry<LakeTable, List<Landed>> table : outcomes(inOrder).entrySet()) {
      land(table.getKey(), table.getKey().name() + "-topic", table.getValue());
    }
    return this;
  }

  /** The vectors that come of it in the order of event times, those without one first. */
  List<FeatureVectorMessage> correctedVectors(Function<String, Instant> timeOfPayload) {
    Comparator<Integer> order =
        Comparator.<Integer, Instant>comparing(
                i -> timeOfPayload.apply(payload(i)),
                Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(i -> raw.get(i).partition())
            .thenComparing(i -> raw.get(i).offset());
    MessageCodec<FeatureVectorMessage> vectors = MessageCodec.unregistered(Topics.FEATURES);
    return outcomes(IntStream.range(0, raw.size()).boxed().sorted(order).toList())
        .get(LakeTable.features("user-activity", 1))
        .stream()
        .map(landed -> vectors.decode(landed.message()).message())
        .toList();
  }

  private String payload(int number) {
    return new String(Messages.payload(rawMessages.get(number)), UTF_8);
  }

  private Map<LakeTable, List<Landed>> outcomes(List<Integer> order) {
    Map<LakeTable, List<Landed>> outcomes = new LinkedHashMap<>();
    Deciding.Opened decided =
        new Deciding(
                directory.resolve("artifacts").toString(),
                "../local/pii-keys",
                activations,
                activations.get(activations.size() - 1).offset(),
                null)
            .open();
    CleansingStage cleansing = decided.cleansing();
    FeaturesStage features = decided.features();
    LedgerCodec ledger = new LedgerCodec();
    StateHost<UserLedger, UserLedger.Change> ledgers = new EveryState<>(number -> ledger);
    StateHost<UserActivity, FoldedEvent> activities =
        new EveryState<UserActivity, FoldedEvent, FeatureFold>(decided::fold);
    MessageCodec<FeatureVectorMessage> vectors = MessageCodec.unregistered(Topics.FEATURES);
    for (int i : order) {
      Landed record = raw.get(i);
      Origin origin = new Origin(TOPIC_ID, record.partition(), record.offset());
      Sorted sorted = cleansing.sort(origin, record.key(), rawMessages.get(i), ledgers);
      LakeTable table =
          switch (sorted.way()) {
            case CLEAN -> LakeTable.CLEAN;
            case DUPLICATE -> LakeTable.DUPLICATES;
            case QUARANTINED -> LakeTable.QUARANTINED;
          };
      put(outcomes, table, record, sorted.message());
      if (sorted.way() == Sorted.Way.CLEAN) {
        CleanEventMessage message = decided.messages().clean().decode(sorted.message()).message();
        FeaturesStage.Arrived arrived =
            new FeaturesStage.Arrived(origin, message, sorted.message());
        for (ActiveFeatureSet set : decided.sets(message.getActivationOffset())) {
          Folded folded =
              features.fold(set, () -> decided.fold(set.number()), vectors, arrived, activities);
          put(
              outcomes,
              LakeTable.features(set.activation().name(), set.activation().version()),
              record,
              folded.message());
        }
      }
    }
    return outcomes;
  }

  private static void put(
      Map<LakeTable, List<Landed>> outcomes, LakeTable table, Landed record, byte[] message) {
    List<Landed> landed = outcomes.computeIfAbsent(table, t -> new ArrayList<>());
    landed.add(new Landed(record.partition(), landed.size(), record.at(), record.key(), message));
  }

  private void land(LakeTable table, String topicId, List<Landed> records) throws IOException {
    Schema schema = table.topic().schema();
    List<Column> columns = new ArrayList<>();
    columns.add(new Column(OriginColumns.TOPIC_ID, ColumnType.Plain.STRING, false));
    columns.add(new Column(OriginColumns.PARTITION, ColumnType.Plain.INTEGER, false));
    columns.add(new Column(OriginColumns.OFFSET, ColumnType.Plain.LONG, false));
    columns.add(new Column(OriginColumns.TIMESTAMP, ColumnType.Plain.TIMESTAMP, true));
    columns.add(new Column(OriginColumns.KEY, ColumnType.Plain.STRING, true));
    columns.add(new Column(table.dateColumn(), ColumnType.Plain.DATE, true));
    // Only of Bronze does anybody ask how far each partition is landed.
    boolean inParts = table.equals(LakeTable.RAW);
    Map<Integer, List<Row>> rows = new TreeMap<>();
    Map<Integer, Long> last = new TreeMap<>();
    try {
      RecordColumns fields = new RecordColumns(schema, List.of());
      columns.addAll(fields.columns());
      GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(schema);
      for (Landed record : records) {
        byte[] content = MessageCodec.content(record.message());
        Object[] values =
            fields.values(reader.read(null, DecoderFactory.get().binaryDecoder(content, null)));
        Object[] row = new Object[columns.size()];
        row[0] = topicId;
        row[1] = record.partition();
        row[2] = record.offset();
        row[3] = record.at();
        row[4] = record.key();
        Integer day = RecordColumns.day((Long) values[schema.getField(table.dateField()).pos()]);
        row[5] = SparkColumns.value(day, ColumnType.Plain.DATE);
        for (int i = 0; i < values.length; i++) {
          row[6 + i] = SparkColumns.value(values[i], columns.get(6 + i).type());
        }
        rows.computeIfAbsent(inParts ? record.partition() : 0, p -> new ArrayList<>())
            .add(RowFactory.create(row));
        last.merge(inParts ? record.partition() : 0, record.offset(), Math::max);
      }
    } catch (dev.millrace.schemas.table.UnfitRecordException e) {
      throw new AssertionError(e);
    }
    for (Map.Entry<Integer, List<Row>> partition : rows.entrySet()) {
      DataFrameWriter<Row> writer =
          spark
              .createDataFrame(partition.getValue(), SparkColumns.of(columns))
              .coalesce(1)
              .write()
              .format("delta")
              .partitionBy(table.dateColumn())
              .mode("append")
              .option("txnAppId", table.name() + "/" + topicId + "/" + partition.getKey())
              .option("txnVersion", last.get(partition.getKey()));
      writer.save(lake().path(table.name()));
    }
  }

  /** Every user's state, for ever. */
  private static final class EveryState<S, C, K extends StateCodec<S, C>>
      implements StateHost<S, C> {
    private final java.util.function.LongFunction<K> codecs;
    private final Map<String, S> states = new HashMap<>();

    EveryState(java.util.function.LongFunction<K> codecs) {
      this.codecs = codecs;
    }

    @Override
    public S state(long fold, String user) {
      return states.computeIfAbsent(fold + "/" + user, key -> codecs.apply(fold).start());
    }

    @Override
    public void apply(long fold, String user, C change) {
      codecs.apply(fold).apply(state(fold, user), change);
    }

    @Override
    public void takeBack(long fold, String user, Origin event, Fault fault) {
      throw new AssertionError(fault.exception());
    }
  }
}
