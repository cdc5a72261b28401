package dev.millrace.batch.gold;

import static dev.millrace.batch.gold.Pieces.gold;
import static dev.millrace.batch.gold.Pieces.land;
import static dev.millrace.batch.gold.Pieces.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.BatchException;
import dev.millrace.batch.Lake;
import dev.millrace.batch.Lineage;
import dev.millrace.batch.Steps;
import dev.millrace.batch.TestSpark;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldIT {

  private static final int EVENTS = 300;

  @TempDir private static Path directory;
  private static Lake served;
  private static Lake lake;

  private static List<Gold.Updated> first;
  private static Map<String, Long> afterTheFirst;
  private static List<Gold.Updated> second;
  private static Map<String, Long> afterTheSecond;
  private static List<Gold.Updated> again;

  /**
   * Gold of the first events; of more of them, killed when three tables were done, and run again;
   * and once more.
   */
  @BeforeAll
  static void run() throws IOException {
    served = served(1);
    lake = empty("pieces");
    land(served, lake, 0, 120);
    first = gold(lake, GoldTables.ALL_TABLES);
    afterTheFirst = versions();
    land(served, lake, 120, EVENTS);
    gold(lake, GoldTables.ALL_TABLES.subList(0, 3));
    second = gold(lake, GoldTables.ALL_TABLES);
    afterTheSecond = versions();
    again = gold(lake, GoldTables.ALL_TABLES);
  }

  private static Map<String, Long> versions() {
    Map<String, Long> versions = new LinkedHashMap<>();
    for (GoldTable table : GoldTables.ALL_TABLES) {
      versions.put(table.name(), lake.pin(table.path()).version());
    }
    return versions;
  }

  private static Lake served(long seed) throws IOException {
    return Pieces.served(directory.resolve("served-" + seed), seed, EVENTS);
  }

  private static Lake empty(String name) {
    return Pieces.lake(directory.resolve(name));
  }

  private static void assertAsTheTwinHasThem(Lake lake, List<GoldTable> tables) {
    GoldTwin twin = new GoldTwin(lake.pin("events_clean").rows().collectAsList());
    for (GoldTable table : tables) {
      assertThat(rows(lake, table))
          .as(table.name())
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(twin.rows(table));
    }
  }

  @Test
  void aTableIsMadeOfAllEventsAndThenTakesOnlyNewOnes() {
    assertThat(first).extracting(Gold.Updated::taken).containsOnly(120L);
    assertThat(first).extracting(Gold.Updated::why).containsOnly("it is new");
    assertThat(second)
        .extracting(Gold.Updated::taken)
        .containsExactly(0L, 0L, 0L, 180L, 180L, 180L, 180L);
    assertThat(second).extracting(Gold.Updated::why).containsOnlyNulls();
  }

  @Test
  void eachTableIsBroughtOnInOneCommitWhereverTheRunBeforeWasKilled() {
    assertThat(afterTheFirst.values()).containsOnly(0L);
    assertThat(afterTheSecond.values()).containsOnly(1L);
  }

  @Test
  void whatWasAddedToIsWhatALoopOverAllEventsMakes() {
    assertAsTheTwinHasThem(lake, GoldTables.ALL_TABLES);
  }

  @Test
  void withoutNewEventsNothingIsCommitted() {
    assertThat(again).extracting(Gold.Updated::taken).containsOnly(0L);
    assertThat(again).extracting(Gold.Updated::why).containsOnlyNulls();
    assertThat(versions()).isEqualTo(afterTheSecond);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {2})
  void inHoweverManyPiecesEventsComeTheSameRowsComeOfThem(long seed) throws IOException {
    List<GoldTable> tables = List.of(GoldTables.ORDERS);
    Lake served = served(seed);
    Lake pieces = empty("pieces-" + seed);
    Random random = new Random(seed);
    int one = 1 + random.nextInt(EVENTS - 2);
    land(served, pieces, 0, one);
    gold(pieces, tables);
    land(served, pieces, one, EVENTS);
    gold(pieces, tables);

    assertAsTheTwinHasThem(pieces, tables);
  }

  @Test
  void addedToInPiecesItEqualsATableThatIsMadeAtOnce() {
    GoldTable metrics = GoldTables.USER_METRICS;
    Lake whole = empty("whole");
    land(served, whole, 0, EVENTS);
    gold(whole, List.of(metrics));

    assertThat(rows(lake, metrics)).containsExactlyInAnyOrderElementsOf(rows(whole, metrics));
  }

  @Test
  void aTableThatIsDeclaredOtherwiseIsMadeAnewAndSaysSo() {
    GoldTable products = GoldTables.PRODUCTS;
    Lake other = empty("declared");
    land(served, other, 0, EVENTS);
    gold(other, List.of(products));
    GoldTable fewer =
        new GoldTable(
            products.name(),
            products.published(),
            "Products of one category.",
            "product_id is not null and product_category = 'c-1'",
            products.keys(),
            products.measures());

    List<Gold.Updated> anew = gold(other, List.of(fewer));

    assertThat(anew).extracting(Gold.Updated::why).containsExactly("it is declared otherwise now");
    assertThat(rows(other, fewer))
        .isNotEmpty()
        .allMatch(row -> "c-1".equals(row.get("product_category")));
    assertThat(other.pin(fewer.path()).version()).isEqualTo(1);
  }

  @Test
  void aTableThatSomebodyElseChangedIsMadeAnewAndOneThatWasOptimizedIsNot() {
    List<GoldTable> users = List.of(GoldTables.USERS);
    Lake other = empty("changed");
    land(served, other, 0, EVENTS);
    gold(other, users);
    DeltaTable table = DeltaTable.forPath(TestSpark.session(), other.path("gold/dim_users"));
    table.optimize().executeZOrderBy("user_id");
    assertThat(other.pin("gold/dim_users").version()).isEqualTo(1);
    List<Gold.Updated> afterOptimize = gold(other, users);
    table.delete("user_id = 'user-1'");

    List<Gold.Updated> anew = gold(other, users);

    assertThat(afterOptimize).extracting(Gold.Updated::why).containsOnlyNulls();
    assertThat(anew).extracting(Gold.Updated::why).containsExactly("somebody else has changed it");
    assertAsTheTwinHasThem(other, users);
  }

  @Test
  void ofTwoRunsThatReadTheSameStateOnlyOneAdds() {
    GoldTable times = GoldTables.TIMES;
    Lake other = empty("twice");
    land(served, other, 0, EVENTS);
    gold(other, List.of(times));
    Gold late = new Gold(other, List.of(times), new Steps(System.out));
    Lake.Pinned clean = other.pin("events_clean");
    List<Map<String, Object>> before = rows(other, times);

    assertThatThrownBy(
            () ->
                late.commit(
                    times,
                    Standing.of(times, clean, Positions.NONE),
                    0,
                    () -> late.replace(times, times.rows(clean.rows().limit(1)))))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("gold/dim_time")
        .hasMessageContaining("changed by somebody else");
    assertThat(rows(other, times)).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void everyTableAndColumnIsDescribedAndTheCommitSaysWhatItHolds() {
    for (GoldTable table : GoldTables.ALL_TABLES) {
      Row detail =
          DeltaTable.forPath(TestSpark.session(), lake.path(table.path())).detail().first();
      assertThat(detail.<String>getAs("description")).isEqualTo(table.description());
      StructType columns = lake.pin(table.path()).rows().schema();
      for (Field field : table.fields()) {
        assertThat(columns.apply(field.name()).getComment().get()).isEqualTo(field.description());
      }
    }
    Lineage.Last last = Lineage.last(TestSpark.session(), lake, "gold/fact_orders");
    Standing standing = Standing.read(last.said());
    assertThat(standing.isOf(GoldTables.ORDERS)).isTrue();
    assertThat(standing.inputs()).containsExactly(Map.entry("events_clean", 1L));
    assertThat(standing.positions().last()).containsOnlyKeys("events_clean-topic");
    assertThat(standing.positions().last().get("events_clean-topic").values())
        .hasSize(3)
        .contains(EVENTS - 1L);
  }

  @Test
  void withoutSilverThereIsNoGold() {
    assertThatThrownBy(() -> gold(empty("nothing"), GoldTables.ALL_TABLES))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("events_clean");
  }
}
