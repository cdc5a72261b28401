package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Activation;
import dev.millrace.schemas.table.LakeTable;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityIT {

  private static final String FEATURES = "features_user_activity";
  private static final int EVENTS = 500;

  @TempDir private static Path shared;
  private static ServedLake served;

  @TempDir private Path directory;

  /** In the middle of it the contract becomes a stricter one. */
  @BeforeAll
  static void serve() throws IOException {
    served = new ServedLake(shared);
    Shop shop = new Shop(7);
    shop.sendTo(served, EVENTS / 2);
    String stricter =
        ServedLake.text("contracts/user-activity.yaml")
            .replace("version: 1", "version: 2")
            .replace("session_id:       {length", "session_id: {required: true, length");
    served.activate(Activation.CONTRACT, "user-activity", 2, ServedLake.contract(stricter));
    shop.sendTo(served, EVENTS / 2);
    served.serve();
  }

  private static DeltaTable table(ServedLake lake, String name) {
    return DeltaTable.forPath(TestSpark.session(), lake.lake().path(name));
  }

  /** An outcome of the user in the table: partition, offset and event id. */
  private static Row outcome(ServedLake lake, String table, String user) {
    return lake.lake()
        .pin(table)
        .rows()
        .filter("kafka_key = '" + user + "'")
        .orderBy("origin.offset")
        .select("origin.partition", "origin.offset", "event_id")
        .first();
  }

  private static String isRawOf(Row outcome) {
    return "kafka_partition = %d and kafka_offset = %d"
        .formatted(outcome.getInt(0), outcome.getLong(1));
  }

  private static String isOutcome(Row outcome) {
    return "origin.partition = %d and origin.offset = %d"
        .formatted(outcome.getInt(0), outcome.getLong(1));
  }

  @Test
  void whatWasServedIsRebuiltValueByValueHoweverTheWorkIsDivided() {
    Certificate one = served.parity(1);
    Certificate two = served.parity(2);
    Certificate four = served.parity(4);

    assertThat(one.different()).isZero();
    assertThat(one.tables()).extracting(Certificate.Table::compared).allMatch(n -> n > 0);
    assertThat(one.tables().stream().limit(3).mapToLong(Certificate.Table::compared).sum())
        .isEqualTo(EVENTS);
    assertThat(two).isEqualTo(one);
    assertThat(four).isEqualTo(one);
    // The contract that became active in the middle decides from there on.
    assertThat(
            served
                .lake()
                .pin("events_quarantined")
                .rows()
                .filter("exists(violations, v -> v.field = 'session_id')")
                .count())
        .isBetween(EVENTS / 4L, EVENTS / 2L);
  }

  @Test
  void whatWasTamperedWithIsFoundWithItsReasonAndItsFirstExample() throws IOException {
    ServedLake lake = served.copyTo(directory);
    Row gone = outcome(lake, "events_clean", "user-0");
    table(lake, LakeTable.RAW.name()).delete(isRawOf(gone));
    Row altered = outcome(lake, FEATURES, "user-1");
    table(lake, FEATURES)
        .updateExpr(
            isOutcome(altered),
            Map.of(
                "values",
                "transform(values, (v, i) -> if(i = 0, named_struct('boolean', v.boolean, 'long', 77L, 'double', v.double, 'string', v.string, 'array', v.array), v))"));
    Row otherSpec = outcome(lake, "events_clean", "user-2");
    table(lake, "events_clean")
        .updateExpr(isOutcome(otherSpec), Map.of("contract_sha256", "repeat('0', 64)"));
    Row erased = outcome(lake, "events_clean", "user-3");
    table(lake, LakeTable.RAW.name())
        .updateExpr(isRawOf(erased), Map.of("payload", "X'00'", "payload_key_id", "'gone'"));
    Row ahead = outcome(lake, "events_clean", "user-4");
    table(lake, "events_clean")
        .updateExpr(
            isOutcome(ahead),
            Map.of(
                "origin",
                "named_struct('topic_id', origin.topic_id, 'partition', origin.partition, 'offset', 1000000L)"));
    lake.lake()
        .pin("events_duplicates")
        .rows()
        .filter("kafka_key not in ('user-0', 'user-1', 'user-2', 'user-3', 'user-4')")
        .limit(1)
        .write()
        .format("delta")
        .mode("append")
        .save(lake.lake().path("events_duplicates"));

    Certificate certificate = lake.parity(2);

    Map<Difference, Certificate.Found> found = new TreeMap<>();
    certificate.differences().forEach(f -> found.put(f.difference(), f));
    assertThat(found).containsOnlyKeys(Difference.values());
    assertThat(found.values().stream().mapToLong(Certificate.Found::count).sum())
        .isEqualTo(certificate.different());
    // The event itself in two tables, and features of the user's later events.
    assertIs(found.get(Difference.MISSING_INPUT), gone, "events_clean", "served, and not rebuilt");
    assertThat(found.get(Difference.MISSING_INPUT).count()).isGreaterThan(2);
    assertThat(found.get(Difference.CORRUPT).count()).isEqualTo(1);
    assertThat(found.get(Difference.CORRUPT).first().what())
        .startsWith("events_10m served 77 rebuilt ");
    assertIs(found.get(Difference.CORRUPT), altered, FEATURES, null);
    assertThat(found.get(Difference.SPEC_VERSION).count()).isEqualTo(1);
    assertIs(found.get(Difference.SPEC_VERSION), otherSpec, "events_clean", "contract_sha256");
    // Here too its user's later features have no other reason.
    assertIs(found.get(Difference.ERASED), erased, "events_clean", "served, and not rebuilt");
    assertThat(found.get(Difference.ERASED).count()).isGreaterThan(3);
    // One that is not served any more, because it seems to be of later; and one served twice.
    assertThat(found.get(Difference.CODE).count()).isEqualTo(2);
    assertThat(certificate.tables().get(0).newer()).isEqualTo(1);
    assertThat(String.join("\n", certificate.told()))
        .contains("1 rows are of raw events behind what was folded of events_raw")
        .contains("CORRUPT: 1; the first is event " + altered.getString(2) + " of user user-1");
  }

  private static void assertIs(
      Certificate.Found found,
      Row outcome,
      String table,
      @org.jspecify.annotations.Nullable String what) {
    assertThat(found.first().table()).isEqualTo(table);
    assertThat(found.first().eventId()).isEqualTo(outcome.getString(2));
    assertThat(found.first().origin())
        .containsEntry("partition", outcome.getInt(0))
        .containsEntry("offset", outcome.getLong(1));
    if (what != null) {
      assertThat(found.first().what()).isEqualTo(what);
    }
  }

  @Test
  void whatIsStillToBeServedIsToldAndIsNoDifference() throws IOException {
    ServedLake lake = served.copyTo(directory);
    Row last =
        lake.lake()
            .pin(FEATURES)
            .rows()
            .filter("origin.partition = 1")
            .orderBy(org.apache.spark.sql.functions.col("origin.offset").desc())
            .select("origin.partition", "origin.offset", "event_id")
            .first();
    table(lake, FEATURES).delete(isOutcome(last));

    Certificate certificate = lake.parity(2);

    assertThat(certificate.different()).isZero();
    assertThat(certificate.tables().get(3).pending()).isEqualTo(1);
    assertThat(String.join("\n", certificate.told()))
        .contains("1 outcomes are rebuilt and not served yet");
  }

  @Test
  void aRawRecordThatBronzeHasTwiceIsNamed() throws IOException {
    ServedLake lake = served.copyTo(directory);
    lake.lake()
        .pin("events_raw")
        .rows()
        .filter("kafka_partition = 2 and kafka_offset = 4")
        .write()
        .format("delta")
        .mode("append")
        .save(lake.lake().path("events_raw"));

    assertThatThrownBy(() -> lake.parity(2))
        .extracting(Trouble::told)
        .asString()
        .contains("partition 2, offset 4 twice");
  }

  @Test
  void aLakeWithoutWhatDecidedIsRefusedWithTheReason() throws IOException {
    ServedLake lake = served.copyTo(directory);
    lake.lake()
        .pin(LakeTable.ACTIVATIONS.name())
        .rows()
        .filter("kafka_offset < 2")
        .write()
        .format("delta")
        .save(lake.lake().path("shorter"));
    Path activations = directory.resolve("lake").resolve(LakeTable.ACTIVATIONS.name());
    Files.move(activations, directory.resolve("whole"));
    Files.move(directory.resolve("lake").resolve("shorter"), activations);

    assertThatThrownBy(() -> lake.parity(2))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("events of activation 6")
        .hasMessageContaining("ends at 0")
        .hasMessageContaining("Wait until the sink has landed it");
  }

  @Test
  void aLakeWithoutBronzeIsRefusedWithTheReason() throws IOException {
    ServedLake lake = new ServedLake(directory);

    assertThatThrownBy(() -> lake.parity(2))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("There is no table events_raw in ");
  }
}
