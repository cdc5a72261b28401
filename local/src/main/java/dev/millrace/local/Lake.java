package dev.millrace.local;

import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The tables that topics are landed in. */
final class Lake {

  /** Those that have a connector. */
  static final List<Topics.Topic> TOPICS =
      List.of(
          Topics.RAW,
          Topics.CLEAN,
          Topics.DUPLICATES,
          Topics.QUARANTINED,
          Topics.FEATURES,
          Topics.SCORES,
          Topics.ACTIVATIONS);

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

  private final Home home;

  Lake(Home home) {
    this.home = home;
  }

  /** How many rows each table has, by its files and not by what the sink says. */
  Map<String, Long> rows() {
    return rows(LakeProcess.run(home, home.log("lake"), "TableRows", home.lake(), List.of()));
  }

  /** A line a table: its name, a tab, its rows. */
  static Map<String, Long> rows(String lines) {
    Map<String, Long> rows = new TreeMap<>();
    for (String line : lines.lines().toList()) {
      String[] parts = line.split("\t", -1);
      if (parts.length == 2 && parts[1].matches("\\d+")) {
        rows.put(parts[0], Long.parseLong(parts[1]));
      }
    }
    return rows;
  }

  /**
   * How many of the partitions are landed as far as they go.
   *
   * @param connectors whose consumers land them
   * @param ends where each partition goes to
   */
  static long landed(Admin admin, Collection<String> connectors, Map<TopicPartition, Long> ends) {
    if (connectors.isEmpty()) {
      return 0; // Connect is still starting.
    }
    Map<String, ListConsumerGroupOffsetsSpec> groups = new TreeMap<>();
    connectors.forEach(name -> groups.put("connect-" + name, new ListConsumerGroupOffsetsSpec()));
    List<Map<TopicPartition, OffsetAndMetadata>> landed = new ArrayList<>();
    try {
      landed.addAll(
          admin
              .listConsumerGroupOffsets(groups)
              .all()
              .get(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
              .values());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while asking Kafka what is landed", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new CommandException("Kafka does not say what is landed: " + e, e);
    }
    return ends.entrySet().stream()
        .filter(
            end ->
                landed.stream()
                    .map(offsets -> offsets.get(end.getKey()))
                    .anyMatch(offset -> isAtLeast(offset, end.getValue())))
        .count();
  }

  private static boolean isAtLeast(@Nullable OffsetAndMetadata offset, long end) {
    return offset != null && offset.offset() >= end;
  }
}
