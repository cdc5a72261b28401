package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.core.CanonicalHash;
import dev.millrace.ingest.Landing.Upload;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalLandingTest {

  private static final byte[] CONTENT = "a,b\n".getBytes(UTF_8);

  @TempDir private Path folder;
  private LocalLanding landing;
  private LandingWatch watch;

  @BeforeEach
  void open() {
    landing = LocalLanding.open(folder);
    watch = new LandingWatch(landing);
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
    watch.complete();
    return watch.complete();
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(".uploads"))) {
      return files.map(Path::toString).toList();
    }
  }

  @Test
  void keepsItsIdOverARestart() {
    assertThat(landing.id()).isNotBlank().isEqualTo(LocalLanding.open(folder).id());
  }

  @Test
  void allWhoOpenANewFolderAtOnceHaveOneId() throws Exception {
    ExecutorService starts = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 20; round++) {
        Path fresh = folder.resolve(".fresh-" + round);
        CyclicBarrier together = new CyclicBarrier(8);
        List<Future<String>> ids = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          ids.add(
              starts.submit(
                  () -> {
                    together.await();
                    return LocalLanding.open(fresh).id();
                  }));
        }
        String id = ids.get(0).get();
        for (Future<String> other : ids) {
          assertThat(other.get()).isEqualTo(id);
        }
      }
    } finally {
      starts.shutdownNow();
    }
  }

  @Test
  void anIdThatAKilledProcessHasHalfWrittenIsMadeAnew() throws IOException {
    Files.writeString(folder.resolve(".id"), "123e45");

    String id = LocalLanding.open(folder).id();

    assertThat(id).hasSize(36).isEqualTo(LocalLanding.open(folder).id());
  }

  @Test
  void aFileIsReadFromAnyPlaceOn() throws IOException {
    put("shop/x.csv");
    Waiting file = landing.waiting().get(0);

    try (InputStream in = landing.open(file, 2)) {
      assertThat(in.readAllBytes()).isEqualTo("b\n".getBytes(UTF_8));
    }
  }

  @Test
  void aFileIsCompleteWhenItHasNotChangedBetweenTwoLooks() throws IOException {
    Path file = put("shop/x.csv");

    assertThat(watch.complete()).isEmpty();
    assertThat(watch.complete()).hasSize(1);
    Files.write(file, "a,b\nc,d\n".getBytes(UTF_8));
    assertThat(watch.complete()).isEmpty();
    assertThat(watch.complete()).hasSize(1);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    assertThat(watch.complete()).isEmpty();
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
  void whatBeginsWithADotOrAnUnderscoreOrIsPartOrALinkIsNeverTaken() throws IOException {
    put("shop/.hidden.csv");
    put("shop/.folder/x.csv");
    put("shop/x.csv.part");
    put("shop/_temporary/x.csv");
    put(".done/shop/x.csv");
    Path outside = Files.write(folder.resolve(".secret.csv"), CONTENT);
    Files.createSymbolicLink(folder.resolve("shop/link.csv"), outside);

    assertThat(completeAtTheSecondLook()).isEmpty();
  }

  @Test
  void anUploadIsOutOfSightUntilItIsAcceptedAndCompleteAtOnceThen() throws IOException {
    Upload upload = landing.receive("shop", "x.csv", body(), CONTENT.length);
    assertThat(upload.sha256()).isEqualTo(CanonicalHash.sha256Hex(CONTENT));
    assertThat(upload.bytes()).isEqualTo(CONTENT.length);
    assertThat(completeAtTheSecondLook()).isEmpty();
    assertThat(landing.uploaded(upload.sha256())).isEmpty();

    upload.accept();

    assertThat(new LandingWatch(LocalLanding.open(folder)).complete())
        .extracting(Waiting::source, Waiting::name)
        .containsExactly(tuple("shop", "x.csv"));
    assertThat(landing.uploaded(upload.sha256())).hasSize(1);
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void ofAnUploadThatIsTooLargeOrBreaksOffNothingIsLeft() throws IOException {
    assertThatThrownBy(() -> landing.receive("shop", "x.csv", body(), CONTENT.length - 1))
        .isInstanceOf(Landing.TooLargeException.class);
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("gone");
          }
        };
    assertThatThrownBy(() -> landing.receive("shop", "x.csv", broken, 10)).hasMessage("gone");

    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aFolderThatCannotBeWrittenIsFull() throws IOException {
    Files.delete(folder.resolve(".uploads"));

    assertThatThrownBy(() -> landing.receive("shop", "x.csv", body(), 10))
        .isInstanceOf(Landing.FullException.class);
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
    Waiting read = completeAtTheSecondLook().get(0);

    Path next = Files.writeString(folder.resolve("shop").resolve(".next"), "b\n");
    Files.setLastModifiedTime(next, Files.getLastModifiedTime(path));
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);

    assertThat(landing.done(read)).isFalse();
    assertThat(path).hasContent("b\n");
    Files.delete(path);
    assertThat(landing.done(read)).isFalse();
  }

  @Test
  void nothingThatIsKeptGivesWayToAnotherOfItsName() throws IOException {
    Path path = folder.resolve("shop").resolve("daily.csv");
    Files.createDirectories(path.getParent());
    for (String content : List.of("monday", "tuesday", "wednesday")) {
      Files.writeString(path, content);
      assertThat(landing.failed(completeAtTheSecondLook().get(0))).isTrue();
    }

    Path kept = folder.resolve(".failed").resolve("shop");
    assertThat(kept.resolve("daily.csv")).hasContent("monday");
    assertThat(kept.resolve("daily.csv.1")).hasContent("tuesday");
    assertThat(kept.resolve("daily.csv.2")).hasContent("wednesday");
  }

  @Test
  void whatKilledUploadsLeftIsClearedAfterADay() throws IOException {
    landing.receive("shop", "x.csv", body(), 10);
    Instant now = Instant.now();

    landing.clear(now);
    assertThat(leftovers()).hasSize(1);
    landing.clear(now.plus(Duration.ofDays(2)));
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aPlaceThatCannotBeAFolderIsToldWithItsKey() throws IOException {
    Path file = Files.write(folder.resolve("file"), CONTENT);

    assertThatThrownBy(() -> LocalLanding.open(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("millrace.ingest.landing");
  }
}
