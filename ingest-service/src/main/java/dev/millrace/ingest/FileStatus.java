package dev.millrace.ingest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.millrace.schema.FileMessage;
import org.jspecify.annotations.Nullable;

/**
 * How far a file is.
 *
 * @param bytes of it as it was sent; null while it waits
 * @param lines read of it
 * @param records of it on the raw topic
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record FileStatus(
    String sha256,
    String name,
    String source,
    String state,
    int percent,
    long lines,
    long records,
    @Nullable Long bytes,
    @JsonProperty("inflated_bytes") @Nullable Long inflatedBytes,
    @JsonProperty("received_at") @Nullable String receivedAt,
    @JsonProperty("finished_at") @Nullable String finishedAt,
    @Nullable String error) {

  static FileStatus of(String sha256, Waiting file) {
    return new FileStatus(
        sha256,
        file.name(),
        file.source(),
        FileState.WAITING.word(),
        0,
        0,
        0,
        null,
        null,
        null,
        null,
        null);
  }

  static FileStatus of(FileMessage progress) {
    return new FileStatus(
        progress.getSha256(),
        progress.getName(),
        progress.getSource(),
        progress.getState(),
        percent(progress),
        progress.getLines(),
        progress.getRecords(),
        progress.getBytes(),
        progress.getInflatedBytes(),
        progress.getReceivedAt().toString(),
        progress.getFinishedAt() == null ? null : progress.getFinishedAt().toString(),
        progress.getError());
  }

  static int percent(FileMessage progress) {
    if (progress.getState().equals(FileState.DONE.word())) {
      return 100;
    }
    return progress.getInflatedBytes() == 0
        ? 0
        : (int) (100.0 * progress.getPosition() / progress.getInflatedBytes());
  }
}
