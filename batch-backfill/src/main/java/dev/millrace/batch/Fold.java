package dev.millrace.batch;

import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.LedgerCodec;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.schemas.stage.FeaturesStage;
import dev.millrace.schemas.stage.Folded;
import dev.millrace.schemas.stage.Sorted;
import dev.millrace.schemas.table.LakeTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Hosts the folds of cleansing and features: rows of Bronze in, messages out. The rows of a user
 * stand together, in the order in which they are to be folded; only one user's states are held.
 */
record Fold(Deciding deciding, Range range) implements MapPartitionsFunction<Row, Row> {

  /** Of the table that the message is for. */
  static final String TABLE = "table";

  static final String KEY = "key";
  static final String MESSAGE = "message";

  static final StructType OUT =
      new StructType()
          .add(TABLE, DataTypes.StringType, false)
          .add(KEY, DataTypes.StringType, true)
          .add(MESSAGE, DataTypes.BinaryType, false);

  @Override
  public Iterator<Row> call(Iterator<Row> raw) {
    return new Folding(deciding.open(), range.byLog(), raw);
  }

  private static final class Folding implements Iterator<Row> {
    private final Deciding.Opened decided;
    private final Map<String, Range.Part> range;
    private final Iterator<Row> raw;
    private final CleansingStage cleansing;
    private final FeaturesStage features;
    private final KeptStates<UserLedger, UserLedger.Change> ledgers;
    private final KeptStates<UserActivity, FoldedEvent> activities;
    private final MessageCodec<CleanEventMessage> clean;
    private final MessageCodec<FeatureVectorMessage> vectors =
        MessageCodec.unregistered(Topics.FEATURES);
    private final RawRows rows = new RawRows();
    private final Deque<Row> out = new ArrayDeque<>();
    private RawRows.Log log = RawRows.Log.NONE;

    private @Nullable Origin before;

    /** Of the event that is being folded. */
    private boolean wanted;

    Folding(Deciding.Opened decided, Map<String, Range.Part> range, Iterator<Row> raw) {
      LedgerCodec ledger = new LedgerCodec();
      this.decided = decided;
      this.range = range;
      this.raw = raw;
      this.cleansing = decided.cleansing();
      this.features = decided.features();
      this.ledgers = new KeptStates<>(number -> ledger);
      this.activities = new KeptStates<>(decided::fold);
      this.clean = decided.messages().clean();
    }

    @Override
    public boolean hasNext() {
      while (out.isEmpty() && raw.hasNext()) {
        fold(raw.next());
      }
      return !out.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return out.remove();
    }

    private void fold(Row row) {
      RawRows.Log itsLog = rows.log(row);
      if (!itsLog.equals(log)) {
        log = itsLog;
        ledgers.forget();
        activities.forget();
      }
      Origin origin = rows.origin(row);
      if (origin.equals(before)) {
        throw new BatchException(
            "Bronze has the raw record at topic %s, partition %d, offset %d twice. The sink lands each once: find out who else wrote to the table, and take the copy out."
                .formatted(origin.topicId(), origin.partition(), origin.offset()));
      }
      before = origin;
      RawEventMessage message = rows.message(row);
      Sorted sorted = cleansing.sort(origin, itsLog.key(), message, ledgers);
      @Nullable String key = rows.key(row);
      wanted = isWanted(origin);
      switch (sorted.way()) {
        case CLEAN -> {
          put(LakeTable.CLEAN.name(), key, sorted.message());
          vectors(origin, key, sorted.message());
        }
        case DUPLICATE -> put(LakeTable.DUPLICATES.name(), key, sorted.message());
        case QUARANTINED -> put(LakeTable.QUARANTINED.name(), key, sorted.message());
      }
    }

    /** From the message, as whoever reads its topic has it. */
    private void vectors(Origin origin, @Nullable String key, byte[] bytes) {
      CleanEventMessage message = Objects.requireNonNull(clean.decode(bytes).message());
      FeaturesStage.Arrived arrived = new FeaturesStage.Arrived(origin, message, bytes);
      for (ActiveFeatureSet set : decided.sets(message.getActivationOffset())) {
        Folded folded =
            features.fold(set, () -> decided.fold(set.number()), vectors, arrived, activities);
        put(
            folded.isVector()
                ? LakeTable.features(set.activation().name(), set.activation().version()).name()
                : LakeTable.QUARANTINED.name(),
            key,
            folded.message());
      }
    }

    private boolean isWanted(Origin origin) {
      Range.Part part = range.get(origin.topicId() + "/" + origin.partition());
      return part != null && origin.offset() >= part.from() && origin.offset() < part.to();
    }

    private void put(String table, @Nullable String key, byte[] message) {
      if (wanted) {
        out.add(RowFactory.create(table, key, message));
      }
    }
  }
}
