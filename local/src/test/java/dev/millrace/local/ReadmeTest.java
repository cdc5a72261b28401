package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.local.generator.Expectation;
import dev.millrace.local.generator.Expectation.Outcome;
import dev.millrace.local.generator.ExpectedReason;
import dev.millrace.local.generator.GeneratedEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReadmeTest {

  @Test
  void theFirstPageShowsWhatTheDemoMustReport() throws IOException {
    GeneratedEvents events = new GeneratedEvents(DemoCommand.plan(DemoCommand.DEFAULT_SEED));
    Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    Map<String, Long> rules = new TreeMap<>();
    while (events.hasNext()) {
      Expectation expected = events.next().expectation();
      outcomes.merge(expected.outcome(), 1L, Long::sum);
      expected.reasons().stream()
          .map(ExpectedReason::reason)
          .distinct()
          .forEach(rule -> rules.merge(rule, 1L, Long::sum));
    }
    long all = outcomes.values().stream().mapToLong(Long::longValue).sum();
    Counts counts =
        new Counts(
            Map.of(
                "events.clean", outcomes.get(Outcome.CLEAN),
                "events.duplicates", outcomes.get(Outcome.DUPLICATE)),
            Map.of(Counts.CLEANSING, outcomes.get(Outcome.QUARANTINED)),
            rules,
            Map.of(),
            Map.of(),
            events.users().count());

    String report =
        Report.of(
            Summary.of(all, counts, 1L, 1, Map.of(), Map.of(), null),
            counts,
            new Publisher.Published(all, 0, 0),
            landed(all, counts));

    String timeless = report.substring(1, report.indexOf(" The first was there"));
    String lake = report.substring(report.indexOf("\nThe lake"));
    assertThat(Files.readString(Homes.ROOT.resolve("README.md")))
        .contains(
            timeless + lake + "\n\ntruth: %d of %d outcomes as expected\n".formatted(all, all));
  }

  private static Landed landed(long all, Counts counts) {
    Map<String, Long> rows =
        Map.of(
            // What a stack activates when it starts.
            "activations",
            5L,
            "events_raw",
            all,
            "events_clean",
            counts.clean(),
            "events_duplicates",
            counts.duplicates(),
            "events_quarantined",
            counts.quarantinedBy(Counts.CLEANSING),
            "features_user_activity",
            counts.clean(),
            "scores",
            counts.clean());
    return new Landed(rows, rows);
  }
}
