package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.table.Entries;
import dev.millrace.schemas.table.UnfitRecordException;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import org.junit.jupiter.api.Test;

class EvolutionTest {

  private static final StructType TABLE =
      new StructType()
          .add("id", StringType.STRING, false)
          .add("origin", new StructType().add("offset", LongType.LONG, true), true)
          .add(
              "items",
              new ArrayType(new StructType().add("name", StringType.STRING, true), true),
              true)
          .add(
              "lookups",
              new MapType(
                  StringType.STRING, new StructType().add("sha", StringType.STRING, true), true),
              true);

  @Test
  void whatIsNewIsAddedAtTheEndAndNullable() throws UnfitRecordException {
    StructType rows =
        new StructType().add("fresh", LongType.LONG, false).add("id", StringType.STRING, false);

    StructType merged = Evolution.merged(TABLE, rows);

    assertThat(merged.fieldNames()).containsExactly("id", "origin", "items", "lookups", "fresh");
    assertThat(merged.get("fresh").isNullable()).isTrue();
    assertThat(merged.get("id").isNullable()).isFalse();
  }

  @Test
  void whatIsNewInsideAColumnIsAddedThere() throws UnfitRecordException {
    StructType origin =
        new StructType()
            .add("topic_id", StringType.STRING, true)
            .add("offset", LongType.LONG, true);
    StructType item =
        new StructType().add("name", StringType.STRING, true).add("size", LongType.LONG, true);
    StructType lookup =
        new StructType().add("sha", StringType.STRING, true).add("at", LongType.LONG, true);
    StructType rows =
        new StructType()
            .add("id", StringType.STRING, false)
            .add("origin", origin, true)
            .add("items", new ArrayType(item, true), true)
            .add("lookups", new MapType(StringType.STRING, lookup, true), true);

    StructType merged = Evolution.merged(TABLE, rows);

    assertThat(((StructType) merged.get("origin").getDataType()).fieldNames())
        .containsExactly("offset", "topic_id");
    Object[] row = {
      "e",
      new Object[] {"t", 3L},
      new Object[] {new Object[] {"n", 4L}, null},
      new Entries(new Object[] {"geo"}, new Object[] {new Object[] {"s", 5L}})
    };
    Object[] aligned = Evolution.aligned(row, rows, merged);
    assertThat((Object[]) aligned[1]).containsExactly(3L, "t");
    assertThat((Object[]) ((Object[]) aligned[2])[0]).containsExactly("n", 4L);
    assertThat(((Object[]) aligned[2])[1]).isNull();
    assertThat((Object[]) ((Entries) aligned[3]).values()[0]).containsExactly("s", 5L);
  }

  @Test
  void whatARowDoesNotHaveIsNullInIt() throws UnfitRecordException {
    StructType rows = new StructType().add("id", StringType.STRING, false);

    assertThat(Evolution.merged(TABLE, rows)).isEqualTo(TABLE);
    assertThat(Evolution.aligned(new Object[] {"e"}, rows, TABLE))
        .containsExactly("e", null, null, null);
  }

  @Test
  void aChangedTypeIsRefusedWithBoth() {
    StructType rows =
        new StructType()
            .add("id", StringType.STRING, false)
            .add("origin", new StructType().add("offset", DoubleType.DOUBLE, true), true);

    assertThatThrownBy(() -> Evolution.merged(TABLE, rows))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessage(
            "has origin.offset as double; the table has it as long, and a column keeps its type");
  }

  @Test
  void aStructThatBecomesAValueIsRefused() {
    StructType rows =
        new StructType().add("id", StringType.STRING, false).add("items", StringType.STRING, true);

    assertThatThrownBy(() -> Evolution.merged(TABLE, rows))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessageContaining("items");
  }

  @Test
  void aRequiredColumnThatIsGoneIsRefused() {
    assertThatThrownBy(
            () -> Evolution.merged(TABLE, new StructType().add("other", LongType.LONG, true)))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessage("has no id, which the table requires");
  }

  @Test
  void nullInsideAnArrayThatHadNoneIsRefused() {
    StructType table = new StructType().add("flags", new ArrayType(LongType.LONG, false), true);
    StructType rows = new StructType().add("flags", new ArrayType(LongType.LONG, true), true);

    assertThatThrownBy(() -> Evolution.merged(table, rows))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessageContaining("null inside flags");
  }

  @Test
  void aNameThatDiffersInCaseOnlyIsRefused() {
    StructType rows =
        new StructType().add("id", StringType.STRING, false).add("Origin", LongType.LONG, true);

    assertThatThrownBy(() -> Evolution.merged(TABLE, rows))
        .isInstanceOf(UnfitRecordException.class)
        .hasMessageContaining("differ in more than case");
  }
}
