package dev.millrace.ingest;

import com.azure.core.credential.TokenCredential;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.identity.WorkloadIdentityCredentialBuilder;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A folder of a storage account, as Hadoop's tools write it: {@code
 * abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER}.
 *
 * @param host of the account's file system endpoint
 * @param path of the folder in its container; empty or ends with a slash
 */
record AzureFolder(String container, String account, String host, String path) {

  static final String SCHEME = "abfss://";

  private static final Pattern PLACE =
      Pattern.compile(
          "abfss://([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)@(([a-z0-9]+)\\.dfs\\.[a-z0-9.-]+)((?:/[^/?#]+)*)/?");

  private static final int TRIES = 3;
  private static final int SECONDS_A_TRY = 60;
  private static final long FIRST_PAUSE_MS = 500;
  private static final long LONGEST_PAUSE_MS = 5_000;

  /**
   * @throws IllegalArgumentException if it is written in another way; without it, for it may hold a
   *     signature
   */
  static AzureFolder of(String place) {
    Matcher parts = PLACE.matcher(place);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "millrace.ingest.landing is no folder of a storage account; write abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER");
    }
    String path = parts.group(4);
    return new AzureFolder(
        parts.group(1),
        parts.group(3),
        parts.group(2),
        path.isEmpty() ? "" : path.substring(1) + "/");
  }

  /** Asks nothing yet. */
  BlobContainerClient connect(AzureProperties properties) {
    BlobContainerClientBuilder builder =
        new BlobContainerClientBuilder()
            .containerName(container)
            .retryOptions(
                new RequestRetryOptions(
                    RetryPolicyType.EXPONENTIAL,
                    TRIES,
                    SECONDS_A_TRY,
                    FIRST_PAUSE_MS,
                    LONGEST_PAUSE_MS,
                    null));
    @Nullable URI endpoint = properties.endpoint();
    @Nullable String key = properties.accountKey();
    if (endpoint != null && key != null) {
      return builder
          .endpoint(endpoint.toString())
          .credential(new StorageSharedKeyCredential(account, key))
          .buildClient();
    }
    return builder
        .endpoint("https://" + host.replaceFirst("\\.dfs\\.", ".blob."))
        .credential(identity())
        .buildClient();
  }

  /** The pod's, where Kubernetes gives it one; the machine's else. */
  static TokenCredential identity() {
    @Nullable String client = System.getenv("AZURE_CLIENT_ID");
    return System.getenv("AZURE_FEDERATED_TOKEN_FILE") == null
        ? new ManagedIdentityCredentialBuilder().clientId(client).build()
        : new WorkloadIdentityCredentialBuilder().build();
  }

  /** As an operator writes it. */
  @Override
  public String toString() {
    return SCHEME + container + "@" + host + "/" + path;
  }
}
