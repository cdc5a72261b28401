package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every schema ever released reads, and is read by, the one of today. */
class ReleasedSchemasTest {

  private static final Path RELEASED = Path.of("avro", "released");

  static List<Schema> current() {
    return Topics.ALL.stream().map(Topics.Topic::schema).filter(Objects::nonNull).toList();
  }

  @ParameterizedTest
  @MethodSource("current")
  void staysFullyCompatibleWithEveryRelease(Schema current) throws IOException {
    List<Schema> released = released(current.getName());

    assertThat(released).as("released schemas of " + current.getName()).isNotEmpty();
    for (Schema old : released) {
      assertReads(current, old);
      assertReads(old, current);
    }
  }

  @Test
  void anAddedFieldWithoutDefaultWouldBeNoticed() {
    Schema old = record("{\"name\":\"a\",\"type\":\"int\"}");
    Schema added = record("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"int\"}");

    assertThat(compatibility(added, old)).isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
  }

  @ParameterizedTest
  @MethodSource("current")
  void everyFieldTellsItsMeaning(Schema current) {
    assertThat(current.getDoc()).isNotBlank();
    assertThat(current.getFields()).allSatisfy(field -> assertThat(field.doc()).isNotBlank());
  }

  private static void assertReads(Schema reader, Schema writer) {
    SchemaCompatibility.SchemaPairCompatibility pair =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    assertThat(pair.getType())
        .as(pair.getDescription())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
  }

  private static List<Schema> released(String name) throws IOException {
    try (Stream<Path> files = Files.walk(RELEASED)) {
      return files
          .filter(file -> file.endsWith(name + ".avsc"))
          .sorted()
          .map(ReleasedSchemasTest::parse)
          .toList();
    }
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(file.toFile());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Schema record(String fields) {
    return new Schema.Parser()
        .parse("{\"type\":\"record\",\"name\":\"r\",\"fields\":[" + fields + "]}");
  }
}
