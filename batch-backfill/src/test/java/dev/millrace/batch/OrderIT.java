package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.FeatureVectorMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders and ranges of what is folded. */
class OrderIT {

  private static final Instant NOON = ServedLake.START.plus(Duration.ofHours(12));

  @TempDir private static Path directory;
  private static ServedLake lake;

  /** In order; with one late; and one that comes ten days late. */
  @BeforeAll
  static void serve() throws IOException {
    lake = new ServedLake(directory);
    for (int i = 0; i < 6; i++) {
      send("punctual", "p-" + i, NOON.plusSeconds(i * 60L));
    }
    send("late", "l-0", NOON);
    send("late", "l-1", NOON.plusSeconds(600));
    send("late", "l-2", NOON.plusSeconds(300));
    send("ancient", "a-0", NOON);
    send("ancient", "a-1", NOON.minus(Duration.ofDays(10)));
    send("ancient", "a-2", NOON.plusSeconds(60));
    new Shop(9).sendTo(lake, 150);
    lake.serve();
  }

  private static void send(String user, String id, Instant time) {
    lake.send(
        user,
        "{\"user_id\":\"%s\",\"event_id\":\"%s\",\"event_time\":\"%s\",\"event_type\":\"view\"}"
            .formatted(user, id, time));
  }

  private static Replay replay(Choice choice) {
    return Replay.of(lake.lake(), lake.settings(2), choice);
  }

  private static List<Backfill.Rebuilt> backfill(Choice choice) {
    return new Backfill(lake.lake(), replay(choice), new Steps(System.out)).run();
  }

  private static @Nullable Instant time(String payload) {
    Matcher time = Pattern.compile("\"event_time\":\"([^\"]*)\"").matcher(payload);
    return time.find() ? Instant.parse(time.group(1)) : null;
  }

  @Test
  void correctedOrderIsThatOfEventTimesAsALoopOverThemHasIt() {
    List<Backfill.Rebuilt> rebuilt = backfill(new Choice(Choice.Order.CORRECTED, null, null, null));

    List<FeatureVectorMessage> expected = lake.correctedVectors(OrderIT::time);
    assertThat(rebuilt.get(3).at().name()).isEqualTo("backfill/corrected/features_user_activity");
    assertThat(
            rebuilt.get(3).at().rows().select("event_id", "vector_sha256").collectAsList().stream()
                .map((Row row) -> row.getString(0) + " " + row.getString(1)))
        .containsExactlyInAnyOrderElementsOf(
            expected.stream()
                .map(vector -> vector.getEventId() + " " + vector.getVectorSha256())
                .toList());
  }

  @Test
  void skewTellsWhatOrderHasChangedAndWhy() throws IOException {
    SkewReport report = new Skew(replay(Choice.SERVED), new Steps(System.out)).run();

    SkewReport.Table table = report.tables().get(0);
    TreeMap<Skewed, SkewReport.Found> found = new TreeMap<>();
    table.found().forEach(f -> found.put(f.skewed(), f));
    assertThat(found).containsOnlyKeys(Skewed.values());
    // Refused when it came; and what came behind it would have counted it.
    assertThat(found.get(Skewed.HORIZON).count()).isEqualTo(3);
    assertThat(found.get(Skewed.HORIZON).first().key()).isEqualTo("ancient");
    assertThat(table.features().get("events_30d")).containsKeys(Skewed.HORIZON);
    assertThat(table.features().get("events_10m")).doesNotContainKey(Skewed.HORIZON);
    String file = lake.lake().report("skew", report);
    assertThat(Files.readString(Path.of(java.net.URI.create(file))))
        .contains("\"class\" : \"OUT_OF_ORDER\"");
    assertThat(String.join("\n", report.told()))
        .contains("features_user_activity")
        .doesNotContain("user punctual");
  }

  @Test
  void aRangeBoundsWhatComesOutAndNotWhatIsFolded() {
    Row middle =
        lake.lake()
            .pin("events_raw")
            .rows()
            .orderBy("kafka_timestamp")
            .select("kafka_timestamp")
            .offset(80)
            .limit(1)
            .first();
    String time = middle.getInstant(0).toString();

    Certificate before = parity(new Choice(Choice.Order.SERVED, null, null, time));
    Certificate after = parity(new Choice(Choice.Order.SERVED, null, time, null));
    Certificate all = parity(Choice.SERVED);
    assertThat(List.of(before.different(), after.different(), all.different())).containsOnly(0L);
    assertThat(before.compared()).isPositive();
    assertThat(before.compared() + after.compared()).isEqualTo(all.compared());
    assertThatThrownBy(
            () -> parity(new Choice(Choice.Order.SERVED, null, "0:4,1:4", "0:4,1:4,2:4")))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("nothing to compare");
  }

  private static Certificate parity(Choice choice) {
    return new Parity(lake.lake(), replay(choice), new Steps(System.out)).run();
  }

  @Test
  void aChosenFeatureSetFoldsEveryEvent() {
    List<Backfill.Rebuilt> rebuilt =
        backfill(new Choice(Choice.Order.SERVED, "user-activity@1", null, null));

    assertThat(rebuilt.get(3).at().name())
        .isEqualTo("backfill/served-user-activity-v1/features_user_activity");
    assertThat(rebuilt.get(3).at().rows().count())
        .isEqualTo(lake.lake().pin("features_user_activity").rows().count());
  }

  @Test
  void whatNobodyKnowsIsRefusedWithWhatThereIs() {
    assertThatThrownBy(() -> replay(new Choice(Choice.Order.SERVED, "user-activity@7", null, null)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("user-activity@7")
        .hasMessageContaining("there are user-activity@1");
    assertThatThrownBy(() -> replay(new Choice(Choice.Order.SERVED, null, "yesterday", null)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("--from yesterday is neither a time")
        .hasMessageContaining("0:1500,1:900");
  }
}
