package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.local.Publisher.Published;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

  private static final List<String> MODEL = List.of("churn");
  private static final Truth.Verdict TRUTH = new Truth.Verdict(5_000, 5_000, 51, List.of());
  private static final Landed LANDED =
      new Landed(
          Map.of("events_raw", 5_000L, "events_clean", 4_850L),
          Map.of("events_clean", 4_850L, "events_raw", 5_000L));

  private static Counts counts(long raw, long clean, long features, long scores) {
    return new Counts(
        Map.of(
            "events.raw", raw,
            "events.clean", clean,
            "events.duplicates", 100L,
            "features.user-activity", features,
            "scores", scores),
        Map.of("cleansing", 50L),
        Map.of("JSON_MALFORMED", 20L, "MISSING_FIELD", 30L),
        Map.of(),
        Map.of("churn", scores),
        309);
  }

  private static Summary summary(Counts counts) {
    return Summary.of(5_000, counts, 31_200L, 34_000, Map.of("kafka", 9_092), LANDED.rows(), TRUTH);
  }

  @Test
  void saysInWordsWhatBecameOfEveryEvent() {
    Counts counts = counts(5_000, 4_850, 4_850, 4_850);

    String report = Report.of(summary(counts), counts, new Published(5_000, 2, 20), LANDED);

    assertThat(report)
        .contains("5,000 events went in, and every one is accounted for:")
        .contains("4,850 were good")
        .contains("100 were copies")
        .contains("50 were set aside in events.quarantined")
        .contains("30  MISSING_FIELD")
        .contains("2 blank lines")
        .contains("The lake has a row for each record of 2 topics, 9,850 in all.")
        .contains("309 users have a score now. The first was there 31.2 s after the start")
        .doesNotContain("set aside by");
  }

  @Test
  void tellsWhatWasSetAsideLater() {
    Counts counts =
        new Counts(
            Map.of(),
            Map.of("scoring", 3L),
            Map.of("MODEL_OUTPUT", 3L),
            Map.of("churn", 3L),
            Map.of(),
            0);

    assertThat(Report.of(summary(counts), counts, new Published(0, 0, 0), LANDED))
        .contains("3 of the good ones were set aside by scoring");
  }

  @Test
  void oneEventIsNotSpokenOfAsMany() {
    Counts counts =
        new Counts(
            Map.of("events.clean", 1L, "events.duplicates", 1L),
            Map.of("cleansing", 1L, "features", 1L),
            Map.of(),
            Map.of(),
            Map.of(),
            1);

    assertThat(
            Report.of(
                Summary.of(1, counts, 1_000L, 2_000, Map.of(), Map.of(), null),
                counts,
                new Published(1, 1, 0),
                new Landed(Map.of("events_raw", 2L), Map.of("events_raw", 3L))))
        .contains("1 event went in, and it is accounted for:")
        .contains("1 was good: it became features")
        .contains("1 was a copy of an event")
        .contains("1 was set aside in events.quarantined")
        .contains("1 of the good ones was set aside by features")
        .contains("(1 blank line of the input was skipped)")
        .contains("1 user has a score now.")
        .contains(
            "The lake does not hold what came out. Rows by table: {events_raw=2}; records of its topic: {events_raw=3}.");
  }

  @Test
  void doesNotInventAScore() {
    Counts none = new Counts(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), 0);

    assertThat(
            Report.of(
                Summary.of(0, none, null, 10, Map.of(), Map.of(), null),
                none,
                new Published(0, 0, 0),
                new Landed(Map.of(), Map.of())))
        .contains("No event led to a score.");
  }

  @Test
  void theSummaryHasExactlyThePromisedKeys(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("demo").resolve("summary.json");

    summary(counts(5_000, 4_850, 4_850, 4_850)).write(file);

    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "published",
            "raw",
            "clean",
            "quarantined",
            "duplicates",
            "features",
            "scores",
            "usersScored",
            "msToFirstScore",
            "elapsedMs",
            "ports",
            "tables",
            "truth");
    assertThat(json.path("truth"))
        .hasToString("{\"expected\":5000,\"asExpected\":5000,\"kinds\":51}");
    assertThat(json.path("quarantined").asLong()).isEqualTo(50);
    assertThat(json.path("ports").path("kafka").asInt()).isEqualTo(9_092);
  }

  @Test
  void theTruthIsTheLastLine() {
    assertThat(Report.of(TRUTH))
        .contains("51 kinds of defect among them")
        .endsWith("\ntruth: 5000 of 5000 outcomes as expected");
  }

  @Test
  void whatIsNotAsExpectedIsToldBeforeIt() {
    assertThat(
            Report.of(new Truth.Verdict(5_000, 4_990, 51, List.of("line 1: one", "line 2: two"))))
        .contains("\n  line 1: one\n  line 2: two\n  and 8 more\n")
        .endsWith("\ntruth: 4990 of 5000 outcomes as expected");
  }

  @Test
  void anEventIsOutWhenEveryModelHasScoredItOrItWasDropped() {
    Counts counts =
        new Counts(
            Map.of("events.duplicates", 5L),
            Map.of("cleansing", 3L, "features", 2L, "scoring", 1L),
            Map.of(),
            Map.of("churn", 1L),
            Map.of("churn", 6L, "fraud", 4L),
            10);

    assertThat(counts.out(List.of("churn", "fraud"))).isEqualTo(14);
  }

  @Test
  void nothingIsMissingWhenEveryEventHasItsOutcome() {
    assertThat(counts(5_000, 4_850, 4_850, 4_850).missing(5_000, MODEL)).isEmpty();
  }

  @Test
  void namesEveryStepThatIsNotDone() {
    assertThat(counts(4_990, 4_800, 4_700, 4_000).missing(5_000, MODEL))
        .containsExactly(
            "4,990 of 5,000 published events accepted as raw",
            "4,950 of 4,990 raw events sorted into clean, duplicate or quarantined",
            "4,700 of 4,800 clean events with a feature vector",
            "4,000 of 4,700 feature vectors scored by churn");
  }

  @Test
  void aVectorThatOneModelCouldNotScoreIsMissedByTheOther() {
    Counts counts =
        new Counts(
            Map.of("events.raw", 10L, "events.clean", 10L, "features.user-activity", 10L),
            Map.of("scoring", 4L),
            Map.of(),
            Map.of("churn", 3L),
            Map.of("churn", 6L, "fraud", 6L),
            10);

    assertThat(counts.missing(10, List.of("churn", "fraud")))
        .containsExactly("7 of 10 feature vectors scored by fraud");
  }

  @Test
  void tooManyIsAsWrongAsTooFew() {
    assertThat(counts(5_000, 4_850, 4_850, 4_851).missing(5_000, MODEL)).hasSize(1);
  }
}
