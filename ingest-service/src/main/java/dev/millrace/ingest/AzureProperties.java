package dev.millrace.ingest;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How to reach what lies on {@code abfss://}, under {@code millrace.azure}: nothing is set on Azure
 * itself, where the workload's identity is the key. An emulator needs both.
 *
 * @param endpoint where an emulator answers for the blobs of the account, {@code
 *     http://HOST:PORT/ACCOUNT}
 * @param accountKey of the emulator's account
 */
@ConfigurationProperties(prefix = "millrace.azure", ignoreUnknownFields = false)
record AzureProperties(@Nullable URI endpoint, @Nullable String accountKey) {

  AzureProperties {
    if ((endpoint == null) != (accountKey == null)) {
      throw new IllegalArgumentException(
          "millrace.azure.endpoint and account-key are for an emulator, which needs both; on Azure set neither and give the workload an identity");
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "AzureProperties[endpoint=" + endpoint + "]";
  }
}
