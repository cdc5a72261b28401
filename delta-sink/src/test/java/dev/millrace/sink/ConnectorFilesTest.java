package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.RecordColumns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectorFilesTest {

  private record File(String name, Map<String, String> config) {}

  static List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(Path.of("connectors"))) {
      return files.sorted().toList();
    }
  }

  private static File read(Path path) throws Exception {
    return new ObjectMapper().readValue(path.toFile(), new TypeReference<File>() {});
  }

  /** Of the topics there are, those that the connector takes. */
  private static List<Topics.Topic> topics(File file) {
    Pattern pattern =
        Pattern.compile(
            file.config().containsKey("topics.regex")
                ? file.config().get("topics.regex")
                : Pattern.quote(file.config().get("topics")));
    return Stream.concat(Topics.ALL.stream(), Stream.of(Topics.features("other", 2)))
        .filter(topic -> pattern.matcher(topic.name()).matches())
        .toList();
  }

  @Test
  void everyTopicOfEventsAndWhatIsMadeOfThemHasOne() throws Exception {
    List<String> topics = new ArrayList<>();
    for (Path path : files()) {
      topics(read(path)).forEach(topic -> topics.add(topic.name()));
    }

    assertThat(topics)
        .containsExactlyInAnyOrder(
            Topics.RAW.name(),
            Topics.CLEAN.name(),
            Topics.QUARANTINED.name(),
            Topics.DUPLICATES.name(),
            Topics.FEATURES.name(),
            "features.other.v2",
            Topics.SCORES.name(),
            Topics.ACTIVATIONS.name());
  }

  private static List<LakeTable> tables() {
    return List.of(
        LakeTable.RAW,
        LakeTable.CLEAN,
        LakeTable.DUPLICATES,
        LakeTable.QUARANTINED,
        LakeTable.features("user-activity", 1),
        LakeTable.SCORES,
        LakeTable.ACTIVATIONS);
  }

  @ParameterizedTest
  @MethodSource("files")
  void itsOptionsAreRightForItsTopic(Path path) throws Exception {
    Map<String, String> config = new HashMap<>(read(path).config());
    Schema schema = topics(read(path)).get(0).schema();

    SinkConfig sink = new SinkConfig(config);

    assertThat(RecordColumns.isTime(schema, sink.dateField())).isTrue();
    assertThat(tables())
        .anySatisfy(
            table -> {
              assertThat(table.topic().schema()).isEqualTo(schema);
              assertThat(table.dateField()).isEqualTo(sink.dateField());
              assertThat(table.dateColumn()).isEqualTo(sink.dateColumn());
            });
    assertThat(config).containsEntry("errors.tolerance", "all");
  }
}
