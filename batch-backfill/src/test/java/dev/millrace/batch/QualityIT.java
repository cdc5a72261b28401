package dev.millrace.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QualityIT {

  @TempDir private static Path served;
  @TempDir private static Path tampered;
  @TempDir private static Path late;
  @TempDir private static Path ahead;

  private static QualityReport asServed;
  private static QualityReport asTampered;
  private static Row lost;
  private static Row orphaned;
  private static Row changed;

  @BeforeAll
  static void serveAndTamper() throws IOException {
    ServedLake lake = new ServedLake(served);
    new Shop(11).sendTo(lake, 300);
    lake.send(
        "somebody",
        "{\"user_id\":\"somebody\",\"event_id\":\"e-1\",\"event_time\":\"2026-03-01T00:10:00Z\",\"event_type\":\"signup\"}");
    lake.serve();
    asServed = quality(lake, newest(lake).plusSeconds(3_500), Duration.ofHours(1));

    ServedLake other = lake.copyTo(tampered);
    lost = any(other, "event_type = 'login'");
    orphaned = any(other, "event_type = 'purchase'");
    changed = any(other, "event_type = 'logout'");
    Row twice = any(other, "event_type = 'view'");
    clean(other).delete(at(lost));
    table(other, "events_raw")
        .delete(
            col("kafka_partition")
                .equalTo(orphaned.<Row>getAs("origin").getInt(1))
                .and(col("kafka_offset").equalTo(orphaned.<Row>getAs("origin").getLong(2))));
    clean(other)
        .update(
            at(changed),
            Map.of("currency", lit("euro"), "value_micros", lit(-1L), "event_type", lit(null)));
    clean(other)
        .toDF()
        .filter(at(twice))
        .write()
        .format("delta")
        .mode("append")
        .save(other.lake().path("events_clean"));
    asTampered = quality(other, newest(other).plus(Duration.ofDays(1)), null);
  }

  private static QualityReport quality(ServedLake lake, Instant now, Duration maxAge) {
    QualityReport report =
        new Quality(lake.lake(), lake.settings(2), now, maxAge, new Steps(System.out)).run();
    report.told().forEach(System.out::println);
    return report;
  }

  private static Instant newest(ServedLake lake) {
    return table(lake, "events_raw").toDF().selectExpr("max(received_at)").first().getAs(0);
  }

  private static DeltaTable table(ServedLake lake, String name) {
    return DeltaTable.forPath(TestSpark.session(), lake.lake().path(name));
  }

  private static DeltaTable clean(ServedLake lake) {
    return table(lake, "events_clean");
  }

  private static Row any(ServedLake lake, String which) {
    return clean(lake).toDF().filter(which).orderBy("kafka_partition", "kafka_offset").first();
  }

  private static Column at(Row row) {
    Row origin = row.getAs("origin");
    return col("origin.partition")
        .equalTo(origin.getInt(1))
        .and(col("origin.offset").equalTo(origin.getLong(2)));
  }

  /** How many, and the first. */
  private static String found(QualityReport report, String table, String check, String about) {
    return report.findings().stream()
        .filter(finding -> finding.table().equals(table) && finding.check().equals(check))
        .filter(finding -> about == null || about.equals(finding.about()))
        .map(finding -> finding.wrong() + " " + finding.first())
        .reduce((a, b) -> a + "; " + b)
        .orElse("not looked for");
  }

  private static String one(Row row) {
    Row origin = row.getAs("origin");
    return "1 partition %d, offset %d of topic %s"
        .formatted(origin.getInt(1), origin.getLong(2), ServedLake.TOPIC_ID);
  }

  @Test
  void aLakeAsItWasServedPasses() {
    assertThat(asServed.findings())
        .filteredOn(finding -> finding.wrong() > 0)
        .extracting(QualityReport.Finding::check)
        .containsExactly("SHARED_EVENT_ID");
    assertThat(asServed.passed()).isTrue();
    assertThat(asServed.pending()).isZero();
    assertThat(asServed.versions()).containsKeys("events_raw", "events_clean", "activations");
    assertThat(asServed.nullShares()).containsEntry("session_id", 1.0).doesNotContainKey("user_id");
    assertThat(asServed.told()).last().asString().startsWith("quality: passed");
  }

  @Test
  void whatWasFoundIsKeptAsJson() throws IOException {
    String file = new ServedLake(tampered).lake().report("quality", asTampered);

    assertThat(Files.readString(Path.of(URI.create(file))))
        .contains("\"at\" : \"" + asTampered.at() + "\"")
        .contains("\"check\" : \"LOST\"");
  }

  @Test
  void anIdOfSeveralUsersIsToldAndStopsNothing() {
    assertThat(found(asServed, "events_clean", "SHARED_EVENT_ID", null)).startsWith("1 partition");
  }

  @Test
  void whatIsLostOnTheWayIsFoundWithItsPlace() {
    assertThat(asTampered.passed()).isFalse();
    assertThat(found(asTampered, "events_raw", "LOST", null)).isEqualTo(one(lost));
    assertThat(found(asTampered, "events_clean", "ORPHAN", null)).isEqualTo(one(lost));
    assertThat(found(asTampered, "events_raw", "ORPHAN", null)).isEqualTo(one(orphaned));
  }

  @Test
  void aRecordThatWasLandedTwiceIsFound() {
    assertThat(found(asTampered, "events_clean", "DUPLICATE_POSITION", null))
        .startsWith("1 partition")
        .endsWith("events_clean-topic");
    assertThat(found(asTampered, "events_clean", "DUPLICATE_EVENT_ID", null)).startsWith("1 ");
    assertThat(found(asTampered, "events_raw", "DOUBLED", null)).startsWith("1 ");
  }

  @Test
  void anEventThatWasChangedIsHeldAgainstItsContract() {
    assertThat(found(asTampered, "events_clean", "MISSING_FIELD", "event_type"))
        .isEqualTo(one(changed));
    assertThat(found(asTampered, "events_clean", "OUT_OF_RANGE", "value_micros"))
        .isEqualTo(one(changed));
    assertThat(found(asTampered, "events_clean", "PATTERN_MISMATCH", "currency"))
        .isEqualTo(one(changed));
  }

  @Test
  void outcomesOfTheLastMinutesAreStillToComeAndOlderOnesAreMissing() throws IOException {
    ServedLake lake = new ServedLake(served).copyTo(late);
    clean(lake).delete();
    table(lake, "features_user_activity").delete();
    Instant newest = newest(lake);

    QualityReport soon = quality(lake, newest.plusSeconds(60), null);
    QualityReport later = quality(lake, newest.plusSeconds(3_700), Duration.ofHours(1));

    assertThat(soon.pending()).isPositive();
    assertThat(soon.passed()).isTrue();
    assertThat(later.pending()).isZero();
    assertThat(found(later, "events_raw", "STALE", "newest")).isEqualTo("1 arrived at " + newest);
    assertThat(found(later, "events_raw", "LOST", null)).doesNotStartWith("0");
    assertThat(later.told()).last().asString().startsWith("quality: FAILED, ");
  }

  @Test
  void outcomesMayBeLandedBeforeTheirRows() throws IOException {
    ServedLake lake = new ServedLake(served).copyTo(ahead);
    table(lake, "events_raw").delete("kafka_offset > 100");
    Instant newest = newest(lake);

    QualityReport report = quality(lake, newest.plus(Duration.ofDays(1)), null);

    assertThat(report.pending()).isPositive();
    assertThat(report.passed()).isTrue();
  }
}
