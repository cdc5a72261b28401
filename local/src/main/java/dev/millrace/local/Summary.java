package dev.millrace.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a demo, for scripts: their names are the keys of {@code summary.json}.
 *
 * @param quarantined by cleansing, so that raw = clean + quarantined + duplicates
 * @param msToFirstScore from the start of the command to the first score on its topic; null if no
 *     event led to one
 * @param elapsedMs from the start of the command until every event had come out
 * @param ports by process
 * @param tables rows by table of the lake
 * @param truth whether generated events had the outcomes they had to have; null for other events
 */
record Summary(
    long published,
    long raw,
    long clean,
    long quarantined,
    long duplicates,
    long features,
    long scores,
    long usersScored,
    @Nullable Long msToFirstScore,
    long elapsedMs,
    Map<String, Integer> ports,
    Map<String, Long> tables,
    Truth.@Nullable Verdict truth) {

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static Summary of(
      long published,
      Counts counts,
      @Nullable Long msToFirstScore,
      long elapsedMs,
      Map<String, Integer> ports,
      Map<String, Long> tables,
      Truth.@Nullable Verdict truth) {
    return new Summary(
        published,
        counts.raw(),
        counts.clean(),
        counts.quarantinedBy(Counts.CLEANSING),
        counts.duplicates(),
        counts.features(),
        counts.scores(),
        counts.usersScored(),
        msToFirstScore,
        elapsedMs,
        ports,
        tables,
        truth);
  }

  void write(Path file) {
    try {
      Files.createDirectories(file.getParent());
      JSON.writeValue(file.toFile(), this);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }
}
