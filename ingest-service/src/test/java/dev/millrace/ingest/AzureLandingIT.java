package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import dev.millrace.core.CanonicalHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AzureLandingIT {

  private static final byte[] CONTENT = "a,b\n".getBytes(UTF_8);
  private static int containers;

  private static Azurite azurite;
  private BlobContainerClient container;
  private AzureFolder folder;
  private AzureLanding landing;
  private LandingWatch watch;

  @BeforeAll
  static void start() {
    azurite = Azurite.shared();
  }

  @BeforeEach
  void open() {
    String name = "landing-" + containers++;
    container = azurite.container(name);
    container.create();
    folder = AzureFolder.of(Azurite.place(name, "deep/landing"));
    landing = landing();
    watch = new LandingWatch(landing);
  }

  private AzureLanding landing() {
    return new AzureLanding(folder, folder.connect(azurite.properties()));
  }

  private BlobClient put(String path) {
    return put(path, CONTENT);
  }

  private BlobClient put(String path, byte[] content) {
    BlobClient blob = container.getBlobClient("deep/landing/" + path);
    blob.upload(BinaryData.fromBytes(content), true);
    return blob;
  }

  private List<Waiting> completeAtTheSecondLook() throws IOException {
    watch.complete();
    return watch.complete();
  }

  private static byte[] read(InputStream in) throws IOException {
    try (in) {
      return in.readAllBytes();
    }
  }

  @Test
  void allWhoOpenANewFolderAtOnceHaveOneIdAndKeepIt() throws Exception {
    ExecutorService starts = Executors.newFixedThreadPool(8);
    CyclicBarrier together = new CyclicBarrier(8);
    List<Future<String>> ids = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        AzureLanding fresh = landing();
        ids.add(
            starts.submit(
                () -> {
                  together.await();
                  return fresh.id();
                }));
      }
      for (Future<String> id : ids) {
        assertThat(id.get()).hasSize(36).isEqualTo(landing.id()).isEqualTo(landing().id());
      }
    } finally {
      starts.shutdownNow();
    }
  }

  @Test
  void aFileIsCompleteWhenItHasNotChangedBetweenTwoLooks() throws IOException {
    put("shop/x.csv");

    assertThat(watch.complete()).isEmpty();
    assertThat(watch.complete()).hasSize(1);
    put("shop/x.csv");
    assertThat(watch.complete()).isEmpty();
    assertThat(watch.complete()).hasSize(1);
  }

  @Test
  void theFirstFolderNamesTheSourceAndTheRestTheFileInTheOrderOfNames() throws IOException {
    put("shop/2026-01-02/b.csv");
    put("shop/2026-01-01/z ü%20.csv");
    put("app/a.json");
    put("stray.csv");
    container.getBlobClient("deep/elsewhere.csv").upload(BinaryData.fromBytes(CONTENT));

    assertThat(completeAtTheSecondLook())
        .extracting(file -> file.source() + " " + file.name())
        .containsExactly(
            "app a.json", "shop 2026-01-01/z ü%20.csv", "shop 2026-01-02/b.csv", " stray.csv");
  }

  @Test
  void aContainerCanBeTheFolderItself() throws IOException {
    put("shop/x.csv");
    AzureFolder whole = new AzureFolder(folder.container(), folder.account(), folder.host(), "");
    AzureLanding all = new AzureLanding(whole, whole.connect(azurite.properties()));

    assertThat(all.waiting())
        .extracting(Waiting::source, Waiting::name)
        .containsExactly(tuple("deep", "landing/shop/x.csv"));
    assertThat(read(all.open(all.waiting().get(0), 0))).isEqualTo(CONTENT);
  }

  @Test
  void whatBeginsWithADotOrAnUnderscoreOrIsPartOrAFolderIsNeverTaken() throws IOException {
    put(".hidden/x.csv");
    put("shop/.hidden.csv");
    put("shop/_temporary/0/x.csv");
    put("shop/x.csv.part");
    put("shop/folder.csv", new byte[0]).setMetadata(Map.of("hdi_isfolder", "true"));
    landing.id();

    assertThat(completeAtTheSecondLook()).isEmpty();
  }

  @Test
  void anUploadIsOutOfSightUntilItIsAcceptedAndCompleteAtOnceThen() throws IOException {
    byte[] large = new byte[2_500_000];
    new Random(7).nextBytes(large);
    Landing.Upload upload =
        landing.receive("shop", "x.csv", new ByteArrayInputStream(large), large.length);
    assertThat(upload.sha256()).isEqualTo(CanonicalHash.sha256Hex(large));
    assertThat(upload.bytes()).isEqualTo(large.length);
    assertThat(upload.isGzip()).isFalse();
    assertThat(completeAtTheSecondLook()).isEmpty();
    assertThat(landing.uploaded(upload.sha256())).isEmpty();

    Waiting accepted = upload.accept();

    assertThat(new LandingWatch(landing).complete()).containsExactly(accepted);
    assertThat(accepted.source()).isEqualTo("shop");
    assertThat(accepted.name()).isEqualTo("x.csv");
    assertThat(landing.uploaded(upload.sha256())).containsExactly(accepted);
    assertThat(read(landing.open(accepted, 0))).isEqualTo(large);
  }

  @Test
  void ofAnUploadThatIsTooLargeOrBreaksOffOrIsDiscardedNothingIsLeft() throws IOException {
    assertThatThrownBy(() -> landing.receive("shop", "x.csv", new ByteArrayInputStream(CONTENT), 3))
        .isInstanceOf(Landing.TooLargeException.class);
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("gone");
          }
        };
    assertThatThrownBy(() -> landing.receive("shop", "x.csv", broken, 10)).hasMessage("gone");
    landing.receive("shop", "x.csv", new ByteArrayInputStream(CONTENT), 10).discard();

    landing.clear(Instant.now());

    assertThat(container.listBlobs()).isEmpty();
  }

  @Test
  void aFileThatIsFinishedIsLookedAtNoMoreButACopyOrALongerOneIs() throws IOException {
    put("shop/done.csv").setMetadata(Map.of("theirs", "1"));
    put("shop/failed.csv");
    for (Waiting file : completeAtTheSecondLook()) {
      boolean marked = file.name().equals("done.csv") ? landing.done(file) : landing.failed(file);
      assertThat(marked).isTrue();
    }

    assertThat(completeAtTheSecondLook()).isEmpty();
    Map<String, String> metadata =
        container.getBlobClient("deep/landing/shop/done.csv").getProperties().getMetadata();
    assertThat(metadata).containsEntry(AzureLanding.STATE, "done").containsEntry("theirs", "1");
    put("app/copy.csv").setMetadata(metadata);
    put("shop/done.csv", "a,b\nc,d\n".getBytes(UTF_8)).setMetadata(metadata);
    put("shop/failed.csv");
    assertThat(completeAtTheSecondLook())
        .extracting(Waiting::path)
        .containsExactly("app/copy.csv", "shop/done.csv", "shop/failed.csv");
  }

  @Test
  void aFileThatIsAnotherOneByNowStaysAndWaits() throws IOException {
    BlobClient blob = put("shop/x.csv");
    Waiting file = completeAtTheSecondLook().get(0);
    blob.upload(BinaryData.fromString("c,d\n"), true);

    assertThat(landing.done(file)).isFalse();
    assertThatThrownBy(() -> read(landing.open(file, 0))).isInstanceOf(IOException.class);
    assertThat(completeAtTheSecondLook()).hasSize(1);
    blob.delete();
    assertThat(landing.failed(file)).isFalse();
  }

  @Test
  void aFileIsReadFromAnyPlaceOnAndNeverAsAMixtureOfTwo() throws IOException {
    byte[] large = new byte[10_000_000];
    new Random(7).nextBytes(large);
    BlobClient blob = put("shop/x.csv", large);
    put("shop/empty.csv", new byte[0]);
    Waiting empty = landing.waiting().get(0);
    Waiting file = landing.waiting().get(1);

    for (int position : List.of(0, 1, 4_194_304, 9_999_999, large.length)) {
      assertThat(CanonicalHash.sha256Hex(read(landing.open(file, position))))
          .as("from %d on", position)
          .isEqualTo(CanonicalHash.sha256Hex(Arrays.copyOfRange(large, position, large.length)));
    }
    assertThat(read(landing.open(empty, 0))).isEmpty();
    try (InputStream in = landing.open(file, 0)) {
      in.readNBytes(1_000);
      new Random(8).nextBytes(large);
      blob.upload(BinaryData.fromBytes(large), true);
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(folder.toString());
    }
  }

  @Test
  void whatIsNotThereIsToldWithItsPlaceAndWithoutTheKey() {
    AzureFolder nowhere = AzureFolder.of(Azurite.place("no-such-container", ""));
    AzureLanding missing = new AzureLanding(nowhere, nowhere.connect(azurite.properties()));

    assertThatThrownBy(missing::waiting)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("abfss://no-such-container@millrace.dfs.core.windows.net/")
        .hasMessageContaining("ContainerNotFound");
    assertThatThrownBy(
            () -> missing.receive("shop", "x.csv", new ByteArrayInputStream(CONTENT), 10))
        .isInstanceOf(Landing.FullException.class);
    assertThat(azurite.properties().toString()).doesNotContain(azurite.key());
  }
}
