package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.core.CanonicalHash;
import dev.millrace.ingest.Landing.Received;
import dev.millrace.ingest.Landing.Waiting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LandingTest {

  private static final byte[] CONTENT = "a,b\n".getBytes(UTF_8);

  @TempDir private Path folder;
  private Landing landing;

  @BeforeEach
  void open() {
    landing = Landing.open(folder);
  }

  private Path put(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, CONTENT);
  }

  private static InputStream body() {
    return new ByteArrayInputStream(CONTENT);
  }

  private List<Waiting> completeAtTheSecondLook() throws IOException {
    landing.complete();
    return landing.complete();
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(".uploads"))) {
      return files.map(Path::toString).toList();
    }
  }

  @Test
  void keepsItsIdOverARestart() {
    assertThat(landing.id()).isNotBlank().isEqualTo(Landing.open(folder).id());
  }

  @Test
  void aFileIsCompleteWhenItHasNotChangedBetweenTwoLooks() throws IOException {
    Path file = put("shop/x.csv");

    assertThat(landing.complete()).isEmpty();
    assertThat(landing.complete()).hasSize(1);
    Files.write(file, "a,b\nc,d\n".getBytes(UTF_8));
    assertThat(landing.complete()).isEmpty();
    assertThat(landing.complete()).hasSize(1);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    assertThat(landing.complete()).isEmpty();
  }

  @Test
  void theFirstFolderNamesTheSourceAndTheRestTheFileInTheOrderOfNames() throws IOException {
    put("shop/2026-01-02/b.csv");
    put("shop/2026-01-01/z.csv");
    put("app/a.json");
    put("stray.csv");

    assertThat(completeAtTheSecondLook())
        .extracting(file -> file.source() + " " + file.name())
        .containsExactly(
            "app a.json", "shop 2026-01-01/z.csv", "shop 2026-01-02/b.csv", " stray.csv");
  }

  @Test
  void whatBeginsWithADotOrIsPartOrALinkIsNeverTaken() throws IOException {
    put("shop/.hidden.csv");
    put("shop/.folder/x.csv");
    put("shop/x.csv.part");
    put(".done/shop/x.csv");
    Path outside = Files.write(folder.resolve(".secret.csv"), CONTENT);
    Files.createSymbolicLink(folder.resolve("shop/link.csv"), outside);

    assertThat(completeAtTheSecondLook()).isEmpty();
  }

  @Test
  void anUploadIsOutOfSightUntilItIsAcceptedAndCompleteAtOnceThen() throws IOException {
    Received received = landing.receive(body(), CONTENT.length);
    assertThat(received.sha256()).isEqualTo(CanonicalHash.sha256Hex(CONTENT));
    assertThat(received.bytes()).isEqualTo(CONTENT.length);
    assertThat(completeAtTheSecondLook()).isEmpty();
    assertThat(landing.uploaded(received.sha256())).isEmpty();

    landing.accept(received, "shop", "x.csv");

    assertThat(Landing.open(folder).complete())
        .extracting(Waiting::source, Waiting::name)
        .containsExactly(tuple("shop", "x.csv"));
    assertThat(landing.uploaded(received.sha256())).isPresent();
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void ofAnUploadThatIsTooLargeOrBreaksOffNothingIsLeft() throws IOException {
    assertThatThrownBy(() -> landing.receive(body(), CONTENT.length - 1))
        .isInstanceOf(Landing.TooLargeException.class);
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("gone");
          }
        };
    assertThatThrownBy(() -> landing.receive(broken, 10)).hasMessage("gone");

    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aFolderThatCannotBeWrittenIsFull() throws IOException {
    Files.delete(folder.resolve(".uploads"));

    assertThatThrownBy(() -> landing.receive(body(), 10)).isInstanceOf(Landing.FullException.class);
  }

  @Test
  void aFileThatIsFinishedIsKeptWhereNothingReadsIt() throws IOException {
    put("shop/day/x.csv");
    Waiting file = completeAtTheSecondLook().get(0);
    landing.done(file);
    put("shop/day/x.csv");
    landing.failed(completeAtTheSecondLook().get(0));

    assertThat(folder.resolve(".done/shop/day/x.csv")).exists();
    assertThat(folder.resolve(".failed/shop/day/x.csv")).exists();
    assertThat(completeAtTheSecondLook()).isEmpty();
  }

  @Test
  void aFileThatIsAnotherOneByNowStaysAndWaits() throws IOException {
    Path path = folder.resolve("shop").resolve("daily.csv");
    Files.createDirectories(path.getParent());
    Files.writeString(path, "a\n");
    landing.complete();
    Waiting read = landing.complete().get(0);

    Path next = Files.writeString(folder.resolve("shop").resolve(".next"), "b\n");
    Files.setLastModifiedTime(next, read.modified());
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);

    assertThat(landing.done(read)).isFalse();
    assertThat(path).hasContent("b\n");
  }

  @Test
  void nothingThatIsKeptGivesWayToAnotherOfItsName() throws IOException {
    Path path = folder.resolve("shop").resolve("daily.csv");
    Files.createDirectories(path.getParent());
    for (String content : List.of("monday", "tuesday", "wednesday")) {
      Files.writeString(path, content);
      landing.complete();
      assertThat(landing.failed(landing.complete().get(0))).isTrue();
    }

    Path kept = folder.resolve(".failed").resolve("shop");
    assertThat(kept.resolve("daily.csv")).hasContent("monday");
    assertThat(kept.resolve("daily.csv.1")).hasContent("tuesday");
    assertThat(kept.resolve("daily.csv.2")).hasContent("wednesday");
  }

  @Test
  void whatKilledUploadsLeftIsClearedAfterADay() throws IOException {
    Received received = landing.receive(body(), 10);
    Instant now = Instant.now();

    landing.clear(now);
    assertThat(received.part()).exists();
    landing.clear(now.plus(Duration.ofDays(2)));
    assertThat(received.part()).doesNotExist();
  }

  @Test
  void aPlaceThatCannotBeAFolderIsToldWithItsKey() throws IOException {
    Path file = Files.write(folder.resolve("file"), CONTENT);

    assertThatThrownBy(() -> Landing.open(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("millrace.ingest.landing");
  }
}
