package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three seeds; {@code ./millrace prove sink} tries more. */
class ProveSinkIT {

  @TempDir private Path directory;

  @Test
  void eachRecordIsLandedOnceWhateverHappens() {
    Home home = Homes.in(directory.resolve("millrace"));

    Cli proof = Cli.run(home, "prove", "sink", "--seeds", "3", "--at-once", "3");

    assertThat(proof.exitCode()).as(proof.out() + proof.err()).isZero();
    assertThat(proof.out()).contains("3 of 3 seeds right; all that can happen did");
    assertThat(directory.resolve("prove")).isDirectoryNotContaining("glob:**{kafka,prove-*}");
  }
}
