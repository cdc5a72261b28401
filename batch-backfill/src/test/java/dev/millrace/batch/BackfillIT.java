package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schemas.table.LakeTable;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackfillIT {

  @TempDir private Path directory;

  private static List<Backfill.Rebuilt> backfill(ServedLake lake, int partitions) {
    return new Backfill(
            lake.lake(),
            Replay.of(lake.lake(), lake.settings(partitions), Choice.SERVED),
            new Steps(System.out))
        .run();
  }

  @Test
  void silverAndFeaturesAreRebuiltOnceAndSayWhatTheyWereMadeOf() throws IOException {
    ServedLake lake = new ServedLake(directory);
    new Shop(3).sendTo(lake, 200);
    lake.serve();

    List<Backfill.Rebuilt> first = backfill(lake, 2);
    List<Backfill.Rebuilt> again = backfill(lake, 4);

    assertThat(first).extracting(Backfill.Rebuilt::anew).containsOnly(true);
    assertThat(first)
        .extracting(rebuilt -> rebuilt.table().name())
        .containsExactly(
            "events_clean", "events_duplicates", "events_quarantined", "features_user_activity");
    assertThat(again).extracting(Backfill.Rebuilt::anew).containsOnly(false);
    assertThat(again)
        .extracting(rebuilt -> rebuilt.at().version())
        .isEqualTo(first.stream().map(rebuilt -> rebuilt.at().version()).toList());
    for (Backfill.Rebuilt rebuilt : first) {
      String[] said = said(rebuilt.at(), rebuilt.table());
      assertThat(said)
          .containsExactlyInAnyOrder(
              said(lake.lake().pin(rebuilt.table().name()), rebuilt.table()));
    }
    String lineage =
        DeltaTable.forPath(TestSpark.session(), lake.lake().path("backfill/served/events_clean"))
            .history(1)
            .select("userMetadata")
            .first()
            .getString(0);
    assertThat(lineage)
        .contains(
            "\"inputs\":{\"activations\":0,\"events_raw\":"
                + lake.lake().pin("events_raw").version()
                + "}")
        .contains("\"contract/user-activity@1\":\"")
        .contains("\"feature-set/user-activity@1\":\"")
        .contains("\"code_sha256\":\"");
  }

  @Test
  void aTableThatSomebodyChangedIsRebuilt() throws IOException {
    ServedLake lake = new ServedLake(directory);
    new Shop(6).sendTo(lake, 60);
    lake.serve();
    List<Backfill.Rebuilt> first = backfill(lake, 2);
    DeltaTable clean =
        DeltaTable.forPath(TestSpark.session(), lake.lake().path("backfill/served/events_clean"));
    long rows = clean.toDF().count();
    clean.delete("late = false");

    List<Backfill.Rebuilt> again = backfill(lake, 2);

    assertThat(first.get(0).anew()).isTrue();
    assertThat(again).extracting(Backfill.Rebuilt::anew).containsExactly(true, false, false, false);
    assertThat(again.get(0).at().rows().count()).isEqualTo(rows);
  }

  @Test
  void moreEventsAreRebuiltIntoTheSameTables() throws IOException {
    ServedLake lake = new ServedLake(directory);
    Shop shop = new Shop(4);
    shop.sendTo(lake, 60);
    lake.serve();
    backfill(lake, 2);
    TestSpark.session()
        .read()
        .format("delta")
        .load(lake.lake().path("events_raw"))
        .limit(1)
        .selectExpr("*")
        .withColumn("kafka_offset", org.apache.spark.sql.functions.lit(1_000_000L))
        .write()
        .format("delta")
        .mode("append")
        .save(lake.lake().path("events_raw"));

    List<Backfill.Rebuilt> again = backfill(lake, 2);

    assertThat(again).extracting(Backfill.Rebuilt::anew).containsOnly(true);
    long rows = again.stream().limit(3).mapToLong(rebuilt -> rebuilt.at().rows().count()).sum();
    assertThat(rows).isEqualTo(61);
  }

  /** Each row's key and fields, by their digest. */
  private static String[] said(Lake.Pinned at, LakeTable table) {
    return Places.of(Places.said(at.rows(), table), table)
        .select(Places.DIGEST)
        .collectAsList()
        .stream()
        .map((Row row) -> row.getString(0))
        .toArray(String[]::new);
  }
}
