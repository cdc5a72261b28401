package dev.millrace.local.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleFilesTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Plan PLAN = Plan.of(7, "u-", 800, 8_000);

  @TempDir private Path directory;

  private Map<String, String> files() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        contents.put(
            file.getFileName().toString(), new String(Files.readAllBytes(file), ISO_8859_1));
      }
    }
    return contents;
  }

  @Test
  void theSamePlanGivesTheSameFilesAndReplacesOthers() throws IOException {
    SampleFiles sample = new SampleFiles(directory.resolve(".").normalize());
    sample.write(PLAN, count -> {});
    Map<String, String> first = files();
    sample.write(Plan.of(8, "u-", 800, 8_000), count -> {});
    assertThat(files()).isNotEqualTo(first);
    sample.write(PLAN, count -> {});

    assertThat(files()).isEqualTo(first);
    assertThat(first)
        .containsOnlyKeys(
            SampleFiles.EVENTS, SampleFiles.RINGS, SampleFiles.TRUTH, SampleFiles.USERS);
  }

  @Test
  void theTruthHasALineForEachEventAndAllOfThemAddUp() throws IOException {
    List<Long> progress = new ArrayList<>();
    SampleFiles.Written written = new SampleFiles(directory).write(PLAN, progress::add);

    List<String> truth = Files.readAllLines(directory.resolve(SampleFiles.TRUTH), UTF_8);
    assertThat(files().get(SampleFiles.EVENTS).chars().filter(c -> c == '\n')).hasSize(8_000);
    assertThat(truth).hasSize(8_000);
    assertThat(progress).hasSize(8_000).endsWith(8_000L);
    assertThat(written.outcomes().values().stream().mapToLong(n -> n).sum()).isEqualTo(8_000);
    assertThat(written.kinds().values().stream().mapToLong(n -> n).sum()).isEqualTo(400);
    Set<String> outcomes = new HashSet<>();
    for (String line : truth) {
      JsonNode json = JSON.readTree(line);
      outcomes.add(json.path("outcome").asText());
      assertThat(json.path("reasons").isEmpty())
          .isEqualTo(!json.path("outcome").asText().equals("quarantined"));
    }
    assertThat(outcomes).containsExactlyInAnyOrder("clean", "duplicate", "quarantined");
  }

  @Test
  void aTruthReadsLikeThis() throws IOException {
    assertThat(Json.text(new Expectation(Kind.SEVERAL_AND_NO_USER, null).json()))
        .isEqualTo(
            """
            {"outcome":"quarantined","reasons":[\
            {"reason":"MISSING_FIELD","field":"user_id"},\
            {"reason":"TOO_LONG","field":"note"},\
            {"reason":"WRONG_TYPE","field":"event_time"},\
            {"reason":"WRONG_TYPE","field":"quantity"}],\
            "kind":"several_and_no_user","user":null}""");
    assertThat(Json.text(new Expectation(Kind.TRUNCATED, null).json()))
        .contains("{\"reason\":\"JSON_MALFORMED\",\"field\":null}");
    assertThat(Json.text(new Expectation(null, "u-1").json()))
        .isEqualTo("{\"outcome\":\"clean\",\"reasons\":[],\"kind\":null,\"user\":\"u-1\"}");
  }

  @Test
  void aRunThatFailsLeavesWhatWasThereAndNothingElse() throws IOException {
    SampleFiles sample = new SampleFiles(directory);
    sample.write(PLAN, count -> {});
    Map<String, String> before = files();

    assertThatThrownBy(
            () ->
                sample.write(
                    Plan.of(8, "u-", 800, 8_000),
                    count -> {
                      throw new IllegalStateException("stop");
                    }))
        .hasMessage("stop");

    assertThat(files()).isEqualTo(before);
  }
}
