package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.ArtifactStore.ArtifactException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {

  @TempDir private Path folder;

  @Test
  void whatIsPutIsFoundUnderItsHashAndPuttingItAgainChangesNothing() {
    ArtifactStore store = new ArtifactStore(folder);

    String sha256 = store.put("mapping".getBytes(UTF_8));

    assertThat(store.put("mapping".getBytes(UTF_8))).isEqualTo(sha256);
    assertThat(store.get(sha256)).asString(UTF_8).isEqualTo("mapping");
    assertThat(Path.of(store.uri(sha256))).hasContent("mapping");
  }

  @Test
  void severalFilesAreOneArtifactWhoseNameDoesNotDependOnTheirOrder() {
    ArtifactStore store = new ArtifactStore(folder);
    byte[] a = {1};
    byte[] b = {2};

    String sha256 = store.putFiles(Map.of("MLmodel", a, "model.onnx", b));

    assertThat(store.getFiles(sha256)).containsOnlyKeys("MLmodel", "model.onnx");
    assertThat(store.getFiles(sha256).get("model.onnx")).isEqualTo(b);
    assertThat(store.putFiles(Map.of("MLmodel", b, "model.onnx", a))).isNotEqualTo(sha256);
  }

  @Test
  void aDamagedArtifactIsRefused() throws IOException {
    ArtifactStore store = new ArtifactStore(folder);
    String sha256 = store.put("mapping".getBytes(UTF_8));
    Files.writeString(Path.of(store.uri(sha256)), "other");

    assertThatThrownBy(() -> store.get(sha256))
        .isInstanceOf(ArtifactException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void aMissingArtifactSaysWhatToDoAndAPathIsNoName() {
    ArtifactStore store = new ArtifactStore(folder);

    assertThatThrownBy(() -> store.get("a".repeat(64))).hasMessageContaining("point to that store");
    assertThatThrownBy(() -> store.get("../../etc/passwd")).hasMessageContaining("Not the name");
  }

  @Test
  void oneFileIsNoSet() {
    ArtifactStore store = new ArtifactStore(folder);

    assertThatThrownBy(() -> store.getFiles(store.put("{}".getBytes(UTF_8))))
        .hasMessageContaining("one file, not a set");
    assertThatThrownBy(() -> store.getFiles(store.put("no json".getBytes(UTF_8))))
        .hasMessageContaining("one file, not a set");
  }
}
