package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinkVerdictTest {

  /** Offset 2 was aborted. */
  private static final List<Long> OFFSETS = List.of(0L, 1L, 3L);

  @TempDir private Path folder;

  private static String row(long offset, String value) {
    return "{\"kafka_offset\":%d,\"kafka_partition\":1,\"kafka_topic_id\":\"T\",\"value\":\"%s\"}"
        .formatted(offset, value);
  }

  private static CommittedTopic topic(boolean whole) {
    TreeMap<Long, String> records = new TreeMap<>();
    OFFSETS.forEach(offset -> records.put(offset, row(offset, "v")));
    return new CommittedTopic("a.topic", "T", whole, Map.of(1, records));
  }

  private SinkVerdict verdict(boolean whole, String table, String... rows) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String row : rows) {
      lines.add("{\"row\":%s,\"table\":\"%s\"}".formatted(row, table));
    }
    Path file = Files.write(folder.resolve("rows.json"), lines);
    return SinkVerdict.of(List.of(topic(whole)), file);
  }

  @Test
  void aRowForEachRecordIsRight() throws IOException {
    SinkVerdict verdict = verdict(true, "a_topic", row(3, "v"), row(0, "v"), row(1, "v"));

    assertThat(verdict).isEqualTo(new SinkVerdict(3, 3, 0, 0, 0, List.of()));
    assertThat(verdict.isRight()).isTrue();
  }

  @Test
  void aRecordWithoutARowIsMissing() throws IOException {
    SinkVerdict verdict = verdict(true, "a_topic", row(0, "v"), row(1, "v"));

    assertThat(verdict.isRight()).isFalse();
    assertThat(verdict.missing()).isEqualTo(1);
    assertThat(verdict.examples())
        .containsExactly("missing: a_topic, topic T, partition 1, offset 3");
  }

  @Test
  void aSecondRowOfARecordIsTwiceAlsoWithOtherValues() throws IOException {
    SinkVerdict verdict =
        verdict(true, "a_topic", row(0, "v"), row(1, "v"), row(3, "v"), row(1, "w"));

    assertThat(verdict.isRight()).isFalse();
    assertThat(verdict.twice()).isEqualTo(1);
    assertThat(verdict.examples())
        .containsExactly("twice: a_topic, topic T, partition 1, offset 1");
  }

  @Test
  void otherValuesAndRowsOfNoCommittedRecordAreWrong() throws IOException {
    SinkVerdict verdict =
        verdict(true, "a_topic", row(0, "w"), row(1, "v"), row(2, "v"), row(3, "v"));

    assertThat(verdict.isRight()).isFalse();
    assertThat(verdict.wrong()).isEqualTo(2);
    assertThat(verdict.examples())
        .anySatisfy(example -> assertThat(example).startsWith("other values: a_topic"))
        .contains("no committed record: a_topic, topic T, partition 1, offset 2");
  }

  @Test
  void aRowInAnotherTableIsWrongAndMissingWhereItBelongs() throws IOException {
    SinkVerdict verdict = verdict(true, "b_topic", row(0, "v"));

    assertThat(verdict.wrong()).isEqualTo(1);
    assertThat(verdict.missing()).isEqualTo(3);
  }

  @Test
  void aTopicThatWasDeletedTooSoonHasToBeThereFromItsBeginningOnly() throws IOException {
    assertThat(verdict(false, "a_topic", row(0, "v"), row(1, "v")).isRight()).isTrue();
    assertThat(verdict(false, "a_topic").isRight()).isTrue();
    assertThat(verdict(false, "a_topic", row(3, "v")).missing()).isEqualTo(2);
  }
}
