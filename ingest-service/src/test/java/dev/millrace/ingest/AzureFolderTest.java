package dev.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AzureFolderTest {

  private static final AzureProperties ON_AZURE = new AzureProperties(null, null);

  @Test
  void aFolderIsWrittenAsHadoopsToolsWriteIt() {
    assertThat(AzureFolder.of("abfss://lake@acme.dfs.core.windows.net/in/landing"))
        .isEqualTo(new AzureFolder("lake", "acme", "acme.dfs.core.windows.net", "in/landing/"))
        .hasToString("abfss://lake@acme.dfs.core.windows.net/in/landing/");
    assertThat(AzureFolder.of("abfss://my-lake@acme.dfs.core.windows.net").path()).isEmpty();
    assertThat(AzureFolder.of("abfss://lake@acme.dfs.core.windows.net/in/").path())
        .isEqualTo("in/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abfss://lake",
        "abfss://acme.dfs.core.windows.net/landing",
        "abfss://lake@acme.blob.core.windows.net/landing",
        "abfss://lake@acme.dfs.core.windows.net/landing?sig=secret",
        "abfss://lake@acme.dfs.core.windows.net//landing",
        "abfss://Lake@acme.dfs.core.windows.net/landing",
      })
  void whatIsWrittenAnotherWayIsRefusedWithTheRightOne(String place) {
    assertThatThrownBy(() -> AzureFolder.of(place))
        .hasMessageContaining("abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER")
        .hasMessageNotContaining("secret");
  }

  @Test
  void onAzureItsBlobsAreReachedByTlsAndTheWorkloadsIdentity() {
    assertThat(
            AzureFolder.of("abfss://lake@acme.dfs.core.windows.net/in")
                .connect(ON_AZURE)
                .getBlobContainerUrl())
        .isEqualTo("https://acme.blob.core.windows.net/lake");
  }

  @Test
  void aKeyIsForAnEmulatorOnlyAndIsNotShown() {
    URI endpoint = URI.create("http://127.0.0.1:1/acme");

    assertThatThrownBy(() -> new AzureProperties(null, "c2VjcmV0"))
        .hasMessageContaining("millrace.azure.endpoint")
        .hasMessageNotContaining("c2VjcmV0");
    assertThatThrownBy(() -> new AzureProperties(endpoint, null))
        .hasMessageContaining("account-key");
    assertThat(new AzureProperties(endpoint, "c2VjcmV0").toString()).doesNotContain("c2VjcmV0");
  }
}
