package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./millrace} in a tree where nothing has been built. */
class ScriptTest {

  @TempDir private Path clone;

  @BeforeEach
  void aCloneWithNothingBuilt() throws IOException {
    Path help = Path.of("local", "help");
    Files.createDirectories(clone.resolve(help));
    Files.copy(Homes.ROOT.resolve("millrace"), clone.resolve("millrace"));
    Files.copy(Homes.ROOT.resolve("pom.xml"), clone.resolve("pom.xml"));
    try (Stream<Path> texts = Files.list(Homes.ROOT.resolve(help))) {
      for (Path text : texts.toList()) {
        Files.copy(text, clone.resolve(help).resolve(text.getFileName()));
      }
    }
  }

  private String millrace(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "millrace"));
    command.addAll(List.of(arguments));
    Process script =
        new ProcessBuilder(command).directory(clone.toFile()).redirectErrorStream(true).start();
    String said = new String(script.getInputStream().readAllBytes(), UTF_8);
    assertThat(script.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void givesHelpWithoutBuilding() throws Exception {
    Home home = Homes.in(clone);

    assertThat(millrace("--help")).isEqualTo(Cli.run(home, "--help").out());
    assertThat(millrace()).isEqualTo(millrace("-h"));
    assertThat(millrace("publish", "--help")).isEqualTo(Cli.run(home, "publish", "--help").out());
    assertThat(millrace("activate", "some.yaml", "-h"))
        .isEqualTo(Cli.run(home, "activate", "--help").out());
    assertThat(clone.resolve("target")).doesNotExist();
  }
}
