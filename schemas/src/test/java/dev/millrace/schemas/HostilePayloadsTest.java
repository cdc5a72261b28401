package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.millrace.core.Arrival;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import dev.millrace.core.cleansing.Cleansing.Outcome.Rejected;
import dev.millrace.core.cleansing.UserLedger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every payload of {@code schemas/corpus} is refused for the reasons that stand beside it. */
class HostilePayloadsTest {

  private static final Path CORPUS = Path.of("corpus");
  private static final Instant RECEIVED = Instant.parse("2026-06-01T00:00:00Z");
  private static final long MOST_BYTES = 64L * 1_048_576;
  private static final long MOST_NANOS = 50_000_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final Map<String, SourceMapping> MAPPINGS =
      Map.of("default", mapping("default"), "clickstream", mapping("clickstream"));
  private static final Cleansing CLEANSING = cleansing();
  private static final EventReader READER = new EventReader();

  /** A line of corpus.csv. */
  private record Payload(String file, String source, String contentType, List<String> reasons) {

    byte[] bytes() {
      return read(CORPUS.resolve(file));
    }

    @Override
    public String toString() {
      return file;
    }
  }

  static Stream<Payload> payloads() throws IOException {
    try (CsvReader<NamedCsvRecord> lines =
        CsvReader.builder().ofNamedCsvRecord(CORPUS.resolve("corpus.csv"))) {
      return lines.stream()
          .map(
              line ->
                  new Payload(
                      line.getField("file"),
                      line.getField("source"),
                      line.getField("content_type"),
                      Arrays.asList(line.getField("reasons").split(" "))))
          .toList()
          .stream();
    }
  }

  @Test
  void thereAreManyAndEachFileIsListed() throws IOException {
    List<String> listed = payloads().map(Payload::file).sorted().toList();
    try (Stream<Path> files = Files.walk(CORPUS)) {
      List<String> kept =
          files
              .filter(Files::isRegularFile)
              .map(file -> CORPUS.relativize(file).toString())
              .filter(file -> file.contains("/"))
              .sorted()
              .toList();

      assertThat(kept).hasSizeGreaterThanOrEqualTo(300).isEqualTo(listed);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("payloads")
  void isRefusedForItsReasonsAndNoOther(Payload payload) {
    assertThat(reasons(payload)).containsExactlyInAnyOrderElementsOf(payload.reasons());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("payloads")
  void costsNeitherMuchTimeNorMuchMemory(Payload payload) {
    byte[] good =
        "{\"user_id\": \"u-1\", \"event_time\": \"2026-01-05T10:00:00Z\", \"event_type\": \"login\"}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] bytes = payload.bytes();
    long mostNanos = MOST_NANOS + nanos(() -> outcome(good, ContentType.JSON, "default"));
    Runnable bad = () -> outcome(bytes, payload.contentType(), payload.source());

    // The best of a few: the first runs may pay for loading and compiling code.
    long nanos = Long.MAX_VALUE;
    for (int i = 0; i < 3 && nanos > mostNanos; i++) {
      nanos = Math.min(nanos, nanos(bad));
    }
    assertThat(nanos).as("CPU time, ns").isLessThanOrEqualTo(mostNanos);
    assertThat(bytesAllocated(bad)).isLessThanOrEqualTo(MOST_BYTES);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("payloads")
  void hasTheSameUserWhetherAllOrOnlyThatIsRead(Payload payload) {
    @Nullable SourceMapping mapping = MAPPINGS.get(payload.source());
    Arrival.Reading whole = READER.read(payload.bytes(), payload.contentType(), mapping, null);

    assertThat(READER.userId(payload.bytes(), payload.contentType(), mapping, null))
        .isEqualTo(whole.content().text(EventField.USER_ID));
  }

  private static List<String> reasons(Payload payload) {
    Cleansing.Outcome outcome = outcome(payload.bytes(), payload.contentType(), payload.source());
    assertThat(outcome).isNotInstanceOf(Accepted.class).isInstanceOf(Rejected.class);
    return ((Rejected) outcome).violations().stream().map(HostilePayloadsTest::inWords).toList();
  }

  private static String inWords(Violation violation) {
    return violation.field() == null
        ? violation.rule().name()
        : violation.rule().name() + ":" + violation.field();
  }

  private static Cleansing.Outcome outcome(byte[] payload, String contentType, String source) {
    Arrival.Reading reading = READER.read(payload, contentType, MAPPINGS.get(source), null);
    @Nullable String user = reading.content().text(EventField.USER_ID);
    Digest128 hash = CanonicalHash.start().add(payload).digest128();
    return CLEANSING.clean(
        new UserLedger(),
        new Arrival(
            new Origin("topic", 0, 1),
            user == null ? hash.hex() : user,
            source,
            RECEIVED,
            0,
            hash,
            reading));
  }

  private static long nanos(Runnable work) {
    long start = THREADS.getCurrentThreadCpuTime();
    work.run();
    return THREADS.getCurrentThreadCpuTime() - start;
  }

  private static long bytesAllocated(Runnable work) {
    long start = THREADS.getCurrentThreadAllocatedBytes();
    work.run();
    return THREADS.getCurrentThreadAllocatedBytes() - start;
  }

  private static SourceMapping mapping(String name) {
    String file = name + ".yaml";
    return SourceMapping.compile(file, text(Path.of("sources", file)));
  }

  private static Cleansing cleansing() {
    return new Cleansing(
        ContractDeclaration.compile(
                "user-activity.yaml", text(Path.of("contracts", "user-activity.yaml")))
            .contract(),
        ContractTests.NOTHING_ACTIVE);
  }

  private static String text(Path file) {
    return new String(read(file), StandardCharsets.UTF_8);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
