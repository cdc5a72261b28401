package dev.millrace.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process, before whose core stands a copy with another aggregation. */
class ChangedCodeIT {

  private static final Path CORE = Path.of("..", "core", "src", "main", "java");
  private static final String AGGREGATE = "dev/millrace/core/features/LongAggregate.java";

  @TempDir private Path directory;

  @Test
  void anAggregationThatWasChangedIsFoundAsCode() throws Exception {
    ServedLake lake = new ServedLake(directory);
    new Shop(5).sendTo(lake, 60);
    lake.serve();
    Path patch = compile(changed());

    Process parity = parity(lake, patch + File.pathSeparator + classPath());

    assertThat(parity.waitFor(3, TimeUnit.MINUTES)).isTrue();
    String said = new String(parity.getInputStream().readAllBytes(), UTF_8);
    assertThat(said)
        .contains("CODE: ")
        .containsPattern("events_\\w+ served \\d+ rebuilt \\d+")
        .containsPattern("events_clean +\\d+ +0 ")
        .doesNotContain("CORRUPT");
    assertThat(parity.exitValue()).isEqualTo(BatchBackfill.DIFFERENT);
  }

  /** Counts by two. */
  private static String changed() throws IOException {
    String source = Files.readString(CORE.resolve(AGGREGATE));
    String counts = "      tile[at]++;\n    }";
    assertThat(source).contains(counts);
    int count = source.indexOf(counts);
    return source.substring(0, count)
        + "      tile[at] += 2;\n    }"
        + source.substring(count + counts.length());
  }

  private Path compile(String source) throws IOException {
    Path file = directory.resolve("patch-source").resolve(AGGREGATE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
    Path classes = Files.createDirectories(directory.resolve("patch"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int failed =
        compiler.run(
            null,
            null,
            null,
            "-nowarn",
            "-proc:none",
            "-d",
            classes.toString(),
            "-cp",
            classPath(),
            file.toString());
    assertThat(failed).isZero();
    return classes;
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }

  private Process parity(ServedLake lake, String classPath) throws IOException {
    Settings settings = lake.settings(2);
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=256m",
                "-Dspark.sql.codegen.wholeStage=false",
                "-Dspark.sql.codegen.factoryMode=NO_CODEGEN",
                "-Dspark.sql.shuffle.partitions=2",
                "-cp",
                classPath,
                BatchBackfill.class.getName(),
                "parity",
                "--lake=" + settings.lake(),
                "--artifacts=" + settings.artifacts(),
                "--pii-keys=" + settings.piiKeys()))
        .redirectError(directory.resolve("stderr").toFile())
        .start();
  }
}
