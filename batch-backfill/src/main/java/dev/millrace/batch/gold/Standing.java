package dev.millrace.batch.gold;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.millrace.batch.Build;
import dev.millrace.batch.Code;
import dev.millrace.batch.Lake;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a Gold table says of itself in its last commit's {@code userMetadata}.
 *
 * @param application its name and version
 * @param gitCommit of the source it was built from
 * @param codeSha256 of the classes that made the rows
 * @param inputs version of the table that was read
 * @param declared SHA-256 of the table's declaration
 * @param positions the events that are in the rows: all up to here
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Standing(
    String application,
    @JsonProperty("git_commit") String gitCommit,
    @JsonProperty("code_sha256") String codeSha256,
    String command,
    SortedMap<String, Long> inputs,
    SortedMap<String, String> declared,
    Positions positions) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  static Standing of(GoldTable table, Lake.Pinned clean, Positions positions) {
    return new Standing(
        "millrace-batch-backfill " + Build.VERSION,
        Build.GIT_COMMIT,
        Code.sha256(),
        "gold",
        new TreeMap<>(Map.of(clean.name(), clean.version())),
        new TreeMap<>(Map.of(table.path(), table.sha256())),
        positions);
  }

  /** Null if the text is no such thing. */
  static @Nullable Standing read(@Nullable String json) {
    if (json == null) {
      return null;
    }
    try {
      Standing standing = JSON.readValue(json, Standing.class);
      return standing == null || standing.positions == null || standing.declared == null
          ? null
          : standing;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Text and numbers can be written", e);
    }
  }

  /** Made as the table is declared now. */
  boolean isOf(GoldTable table) {
    return table.sha256().equals(declared.get(table.path()));
  }
}
