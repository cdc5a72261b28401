package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which tree was measured. */
final class Commit {

  private Commit() {}

  /** Its hash, and whether anything but results has changed since; "unknown" outside of git. */
  static String of(Path root) {
    String hash = git(root, "rev-parse", "--short=10", "HEAD");
    if (hash.isEmpty()) {
      return "unknown";
    }
    boolean changed =
        !git(
                root,
                "status",
                "--porcelain",
                "--untracked-files=no",
                "--",
                ".",
                ":!docs/benchmarks.*")
            .isEmpty();
    return changed ? hash + " with changes" : hash;
  }

  private static String git(Path root, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? answer : "";
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run git, which tells the commit that is measured", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking git for the commit", e);
    }
  }
}
