package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {

  @TempDir private Path work;

  private Cli generate(String... options) {
    String[] args = new String[options.length + 1];
    args[0] = "generate";
    System.arraycopy(options, 0, args, 1, options.length);
    return Cli.run(Homes.in(work), args);
  }

  @Test
  void explainsItself() {
    Cli help = generate("--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .contains("Usage: millrace generate", "--seed", "--users", "--events", "--out", "--start")
        .contains("--days", "--irregular", "Exit codes:");
  }

  @Test
  void writesTheFilesAndSaysWhatIsInThem() throws Exception {
    Path out = work.resolve("sample");

    Cli done =
        generate("--seed", "3", "--events", "1000", "--users", "50", "--out", out.toString());

    assertThat(done.err()).isEmpty();
    assertThat(done.exitCode()).isZero();
    assertThat(done.out()).contains("1,000 events of 50 users", "clean", "truth.ndjson");
    try (var files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "events.ndjson", "truth.ndjson", "users.ndjson", "rings.ndjson");
    }
  }

  @Test
  void wrongUsageEndsWithTwoAndSaysWhatIsRight() {
    String out = work.resolve("sample").toString();

    assertThat(generate().err()).contains("--out");
    assertThat(generate("--out", out, "--users", "0").err())
        .contains("The number of users must be");
    assertThat(generate("--out", out, "--start", "2090-01-01T00:00:00Z").err())
        .contains("must be past");
    assertThat(generate("--out", out, "--start", "2090-01-01T00:00:00Z").exitCode()).isEqualTo(2);
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws Exception {
    Path file = Files.createFile(work.resolve("file"));

    Cli failed = generate("--out", file.toString(), "--events", "10");

    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.err()).contains("Cannot write to " + file);
  }
}
