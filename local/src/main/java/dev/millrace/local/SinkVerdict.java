package dev.millrace.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.table.OriginColumns;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What tables have, against what the topics had.
 *
 * @param records committed in Kafka
 * @param rows in the tables
 * @param missing records without a row
 * @param twice rows of a record that has one already
 * @param wrong rows of a record with other values, or of none: it was aborted, or is in another
 *     table
 * @param examples the first of those, in words
 */
record SinkVerdict(
    long records, long rows, long missing, long twice, long wrong, List<String> examples) {

  private static final int EXAMPLES = 5;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  SinkVerdict {
    examples = List.copyOf(examples);
  }

  boolean isRight() {
    return missing + twice + wrong == 0;
  }

  /**
   * @param lines as {@code dev.millrace.sink.TableRecords} writes them
   * @throws IOException if they can't be read
   */
  static SinkVerdict of(Collection<CommittedTopic> topics, Path lines) throws IOException {
    Count count = new Count(topics);
    try (BufferedReader reader = Files.newBufferedReader(lines)) {
      String line;
      while ((line = reader.readLine()) != null) {
        JsonNode read = JSON.readTree(line);
        count.add(read.path("table").asText(), read.path("row"));
      }
    }
    return count.verdict();
  }

  private static final class Count {
    private final Map<String, CommittedTopic> topics = new HashMap<>();
    private final Map<String, Map<Integer, Set<Long>>> landed = new HashMap<>();
    private final List<String> examples = new ArrayList<>();
    private long rows;
    private long missing;
    private long twice;
    private long wrong;

    Count(Collection<CommittedTopic> topics) {
      topics.forEach(topic -> this.topics.put(topic.id(), topic));
    }

    void add(String table, JsonNode row) {
      rows++;
      String id = row.path(OriginColumns.TOPIC_ID).asText();
      int partition = row.path(OriginColumns.PARTITION).asInt();
      long offset = row.path(OriginColumns.OFFSET).asLong();
      String place =
          "%s, topic %s, partition %d, offset %d".formatted(table, id, partition, offset);
      @Nullable String expected = expected(table, id, partition, offset);
      if (expected == null) {
        wrong++;
        example("no committed record: " + place);
      } else if (!landed
          .computeIfAbsent(id, unused -> new HashMap<>())
          .computeIfAbsent(partition, unused -> new HashSet<>())
          .add(offset)) {
        twice++;
        example("twice: " + place);
      } else if (!expected.equals(row.toString())) {
        wrong++;
        example("other values: %s%n  has    %s%n  wanted %s".formatted(place, row, expected));
      }
    }

    private @Nullable String expected(String table, String id, int partition, long offset) {
      @Nullable CommittedTopic topic = topics.get(id);
      if (topic == null || !Topics.table(topic.name()).equals(table)) {
        return null;
      }
      @Nullable NavigableMap<Long, String> records = topic.partitions().get(partition);
      return records == null ? null : records.get(offset);
    }

    SinkVerdict verdict() {
      long records = 0;
      for (CommittedTopic topic : topics.values()) {
        for (Map.Entry<Integer, NavigableMap<Long, String>> partition :
            topic.partitions().entrySet()) {
          records += required(topic, partition.getKey(), partition.getValue());
        }
      }
      return new SinkVerdict(records, rows, missing, twice, wrong, examples);
    }

    /** Counts what is missing of a partition; returns how many records must have been landed. */
    private long required(CommittedTopic topic, int partition, NavigableMap<Long, String> records) {
      Set<Long> found = landed.getOrDefault(topic.id(), Map.of()).getOrDefault(partition, Set.of());
      long last = found.stream().mapToLong(Long::longValue).max().orElse(-1);
      NavigableMap<Long, String> required = topic.whole() ? records : records.headMap(last, true);
      for (long offset : required.keySet()) {
        if (!found.contains(offset)) {
          missing++;
          example(
              "missing: %s, topic %s, partition %d, offset %d"
                  .formatted(Topics.table(topic.name()), topic.id(), partition, offset));
        }
      }
      return required.size();
    }

    private void example(String text) {
      if (examples.size() < EXAMPLES) {
        examples.add(text);
      }
    }
  }
}
