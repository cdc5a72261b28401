package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dance                                    | millrace: 'dance' means nothing here. See ./millrace --help
          status now                               | millrace: 'now' means nothing here. See ./millrace status --help
          down --hard                              | millrace: Unknown option: '--hard'. See ./millrace down --help
          publish                                  | millrace: Missing required options and parameters: '--source=NAME', 'FILE'. See ./millrace publish --help
          publish a.csv --sorce web                | millrace: Missing required option: '--source=NAME'. See ./millrace publish --help
          publish none.csv --source default        | millrace: There is no file none.csv to read. See ./millrace publish --help
          demo --events none.csv                   | millrace: Missing required argument(s): --source=NAME. See ./millrace demo --help
          demo --events none.csv --source default  | millrace: There is no file none.csv to read. See ./millrace demo --help
          demo --seed seven                        | millrace: Invalid value for option '--seed': 'seven' is not a long. See ./millrace demo --help
          digest                                   | millrace: Missing required parameter: 'TOPIC'. See ./millrace digest --help
          digest events                            | millrace: There is no topic 'events'. There are events.inbound, events.raw, events.clean, events.duplicates, events.quarantined, features.user-activity, scores, activations, files, and one of the vectors of each feature set, features.NAME or features.NAME.vVERSION. See ./millrace digest --help
          activate none                            | millrace: There is no none. See ./millrace activate --help
          prove                                    | millrace: Missing required parameter: 'WHAT'. See ./millrace prove --help
          prove gold                               | millrace: 'gold' can't be proved; sink can. See ./millrace prove --help
          prove sink --seeds 0                     | millrace: --seeds takes a number from 1 on, not 0. See ./millrace prove --help
          quarantined --last 0                     | millrace: --last takes a number from 1 on, not 0. See ./millrace quarantined --help
          """)
  void wrongUsageIsToldInOneLineThatSaysWhereTheHelpIs(String arguments, String told) {
    Cli wrong = Cli.run(Homes.in(work), arguments.split(" "));

    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).isEqualTo(told + "\n");
    assertThat(wrong.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"publish", "demo --events"})
  void aCompressedFileIsNotTakenForLinesAndItIsSaidWhereItCanGo(String command) throws IOException {
    Path file = work.resolve("events.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("a,b,c\n".getBytes(UTF_8));
    }

    Cli gzip = Cli.run(Homes.in(work), (command + " " + file + " --source default").split(" "));

    assertThat(gzip.exitCode()).isEqualTo(2);
    assertThat(gzip.err())
        .startsWith("millrace: " + file + " is gzip")
        .contains("gunzip", "POST /v1/files", work.resolve("landing").toString())
        .hasLineCount(1);
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
