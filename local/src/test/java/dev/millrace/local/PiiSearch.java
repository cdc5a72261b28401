package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ViolationMessage;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Plants marked values, waits until their events are through, and searches all that the stack has
 * written for them. They are found where originals are kept, and nowhere else; what may be seen is
 * found where it belongs, so that the search itself is known to find.
 */
final class PiiSearch {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Text that may be seen, and some of the places where it must be found. */
  private static final Map<String, List<String>> VISIBLE =
      Map.of(
          PlantedUser.VISIBLE + "-user-",
          List.of(
              "records of events.clean",
              "records of events.duplicates",
              "records of events.quarantined",
              "records of features.user-activity",
              "records of scores",
              "records of cleansing-service-ledger-by-user-changelog",
              "records of features-service-activity-by-user-changelog",
              "segments of events.clean",
              "segments of events.duplicates",
              "segments of events.quarantined",
              "segments of features.user-activity",
              "segments of scores",
              "segments of cleansing-service-ledger-by-user-changelog",
              "segments of features-service-activity-by-user-changelog",
              "redis"),
          PlantedUser.VISIBLE + "-product",
          List.of("records of events.clean", "segments of events.clean"),
          PlantedUser.VISIBLE + "-upload",
          List.of(
              "records of files",
              "segments of files",
              "segments of events.quarantined",
              "log ingest-service.log"),
          "user-activity",
          List.of("records of activations", "segments of activations", "artifacts"),
          "cleansing-service",
          List.of(
              "records of __consumer_offsets",
              "segments of __consumer_offsets",
              "records of __transaction_state",
              "segments of __transaction_state",
              "log cleansing-service.log"),
          "events.quarantined",
          List.of("segments of __cluster_metadata"),
          "Kafka is ready",
          List.of("log kafka.log"),
          "RawEventMessage",
          List.of("registry"),
          "millrace_events_",
          List.of("metrics"));

  private final Stack stack;
  private final PlantedEvents planted;
  private final Written written;

  PiiSearch(Stack stack) {
    this.stack = stack;
    this.planted = new PlantedEvents(stack);
    this.written = new Written(stack);
  }

  void plantAndSearch() throws Exception {
    Map<String, Long> before = outcomes();
    planted.plant();
    await().atMost(PATIENCE).until(() -> sum(outcomes()) >= sum(before) + sum(planted.expected()));
    assertThat(without(before, outcomes())).isEqualTo(planted.expected());
    await().atMost(PATIENCE).until(() -> count(Topics.SCORES) == count(Topics.CLEAN));
    planted.command("quarantined", "--last", "1000");
    search();
  }

  private void search() {
    Needles hidden = new Needles(PlantedUser.allMarkedValues());
    Needles visible = new Needles(VISIBLE.keySet());
    Map<String, Set<String>> hits = new TreeMap<>();
    Map<String, Set<String>> seen = new TreeMap<>();
    Map<String, Long> searched = new TreeMap<>();
    long start = System.nanoTime();
    written.forEach(
        (place, bytes) -> {
          searched.merge(place, (long) bytes.length, Long::sum);
          hits.computeIfAbsent(place, p -> new TreeSet<>()).addAll(hidden.in(bytes));
          seen.computeIfAbsent(place, p -> new TreeSet<>()).addAll(visible.in(bytes));
        });
    searched.forEach((place, size) -> System.out.printf("%,14d bytes  %s%n", size, place));
    System.out.printf(
        "%,14d bytes searched in %d ms%n", sum(searched), (System.nanoTime() - start) / 1_000_000);

    for (String original : Written.ORIGINALS) {
      for (String place : List.of("records of " + original, "segments of " + original)) {
        assertThat(hits.remove(place)).as(place).hasSizeGreaterThan(20);
      }
    }
    hits.remove("records of " + Written.DEAD_LETTERS);
    hits.remove("segments of " + Written.DEAD_LETTERS);
    hits.values().removeIf(Set::isEmpty);
    assertThat(hits).as("where marked values can be seen").isEmpty();
    assertThat(hidden.in(planted.answers())).as("what was answered").isEmpty();

    assertThat(searched.keySet()).containsAll(everyTopic("records of "));
    assertThat(searched.keySet()).containsAll(everyTopic("segments of "));
    assertThat(searched.keySet()).containsAll(everyLog()).contains("tmp");
    VISIBLE.forEach(
        (text, places) -> {
          for (String place : places) {
            assertThat(seen.get(place)).as(place).contains(text);
          }
        });
    assertThat(written.compressedTopics()).as("segments that hide what they say").isEmpty();
  }

  private Set<String> everyTopic(String what) {
    return written.topics().stream().map(topic -> what + topic).collect(Collectors.toSet());
  }

  private Set<String> everyLog() {
    return stack.description().parts().stream()
        .map(part -> "log " + part.name() + ".log")
        .collect(Collectors.toSet());
  }

  private Map<String, Long> outcomes() {
    Map<String, Long> outcomes = new TreeMap<>();
    outcomes.put("CLEAN", count(Topics.CLEAN));
    outcomes.put("DUPLICATE", count(Topics.DUPLICATES));
    TopicReader.<QuarantinedEventMessage>messages(stack, Topics.QUARANTINED)
        .forEach(event -> outcomes.merge(violations(event), 1L, Long::sum));
    return outcomes;
  }

  private long count(Topics.Topic topic) {
    return TopicReader.records(stack, topic).size();
  }

  private static String violations(QuarantinedEventMessage event) {
    return event.getViolations().stream()
        .map(PiiSearch::violation)
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static String violation(ViolationMessage violation) {
    return violation.getRule() + " " + violation.getField();
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static Map<String, Long> without(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> more = new TreeMap<>();
    after.forEach((outcome, count) -> more.put(outcome, count - before.getOrDefault(outcome, 0L)));
    more.values().removeIf(count -> count == 0);
    return more;
  }
}
