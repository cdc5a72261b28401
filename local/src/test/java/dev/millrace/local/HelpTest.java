package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {

  @TempDir private Path work;

  /** All there are. */
  static Stream<String> commands() {
    Home home = Homes.in(Path.of("none"));
    return Millrace.commandLine(home, new Console(System.out, false))
        .getSubcommands()
        .keySet()
        .stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItself(String command) {
    Cli help = Cli.run(Homes.in(work), command, "--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("Usage: millrace " + command, "-h, --help", "Exit codes:");
    assertThat(help.err()).isEmpty();
  }

  /** The script shows these texts where nothing has been built. */
  @ParameterizedTest
  @ValueSource(strings = "millrace")
  @MethodSource("commands")
  void theTextsOfTheScriptAreTheProgramsOwn(String command) throws IOException {
    Path text = Homes.ROOT.resolve("local").resolve("help").resolve(command + ".txt");
    String[] asked =
        command.equals("millrace") ? new String[] {"--help"} : new String[] {command, "--help"};
    String help = Cli.run(Homes.in(work), asked).out();

    if (System.getProperty("millrace.help", "").equals("write")) {
      Files.createDirectories(text.getParent());
      Files.writeString(text, help);
    }

    assertThat(text).as("written anew as local/README.md says").hasContent(help);
  }

  @Test
  void withoutACommandThereIsHelp() {
    Cli bare = Cli.run(Homes.in(work));

    assertThat(bare.exitCode()).isZero();
    assertThat(bare.out()).contains(commands().map(command -> "\n  " + command + " ").toList());
    assertThat(Cli.run(Homes.in(work), "--help").out()).isEqualTo(bare.out());
  }

  @Test
  void wrongUsageEndsWithTwoAndSaysWhatIsRight() {
    assertThat(Cli.run(Homes.in(work), "dance").exitCode()).isEqualTo(2);
    assertThat(Cli.run(Homes.in(work), "publish").err()).contains("--source", "FILE", "Usage:");
    assertThat(Cli.run(Homes.in(work), "demo", "--events", "f.csv").err()).contains("--source");
    assertThat(Cli.run(Homes.in(work), "publish", "none.csv", "--source", "default").err())
        .contains("There is no file none.csv to read");
    assertThat(
            Cli.run(Homes.in(work), "demo", "--events", "none.csv", "--source", "default")
                .exitCode())
        .isEqualTo(2);
    assertThat(Cli.run(Homes.in(work), "activate", "none").exitCode()).isEqualTo(2);
    assertThat(Cli.run(Homes.in(work), "quarantined", "--last", "0").err())
        .contains("--last takes a number from 1 on");
  }

  @ParameterizedTest
  @ValueSource(strings = {"publish", "demo --events"})
  void aFolderIsNoFileOfEvents(String command) {
    String[] arguments = (command + " " + work + " --source default").split(" ");

    Cli folder = Cli.run(Homes.in(work), arguments);

    assertThat(folder.exitCode()).isEqualTo(2);
    assertThat(folder.err()).contains("is a folder. Name a file").doesNotContain("Exception");
  }

  @Test
  void withoutAStackThereIsAMessageAndNothingElse() {
    Cli status = Cli.run(Homes.in(work), "status");

    assertThat(status.exitCode()).isEqualTo(1);
    assertThat(status.err())
        .startsWith("millrace: No stack is running here")
        .contains("./millrace up");
    assertThat(status.out()).isEmpty();
  }

  @Test
  void withoutAStackThereIsNothingToStop() {
    Cli down = Cli.run(Homes.in(work), "down");

    assertThat(down.exitCode()).isZero();
    assertThat(down.out()).isEqualTo("No stack is running here: nothing to stop.\n");
  }
}
