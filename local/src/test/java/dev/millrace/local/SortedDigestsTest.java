package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.CanonicalHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SortedDigestsTest {

  @TempDir private Path work;

  private String sha256(List<byte[]> digests) {
    try (SortedDigests sorted = new SortedDigests(work.resolve("digests"))) {
      digests.forEach(sorted::add);
      assertThat(sorted.count()).isEqualTo(digests.size());
      return sorted.sha256();
    }
  }

  private static List<byte[]> random(int number) {
    Random random = new Random(1);
    List<byte[]> digests = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      byte[] digest = new byte[32];
      random.nextBytes(digest);
      digests.add(digest);
    }
    return digests;
  }

  @Test
  void isWhatSortingAllOfThemAndHashingThemGives() {
    List<byte[]> digests = random(5_000);
    List<byte[]> sorted = new ArrayList<>(digests);
    sorted.sort(Arrays::compareUnsigned);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    sorted.forEach(all::writeBytes);

    assertThat(sha256(digests)).isEqualTo(CanonicalHash.sha256Hex(all.toByteArray()));
  }

  @Test
  void theOrderInWhichTheyComeDoesNotMatterAndEachOfThemCounts() {
    List<byte[]> digests = random(300);
    List<byte[]> shuffled = new ArrayList<>(digests);
    Collections.shuffle(shuffled, new Random(2));
    List<byte[]> twice = new ArrayList<>(digests);
    twice.add(digests.get(0));

    assertThat(sha256(shuffled))
        .isEqualTo(sha256(digests))
        .isNotEqualTo(sha256(twice))
        .isNotEqualTo(sha256(digests.subList(1, 300)));
  }

  @Test
  void nothingHasTheDigestOfNothing() {
    assertThat(sha256(List.of())).isEqualTo(CanonicalHash.sha256Hex(new byte[0]));
  }

  @Test
  void itsFilesAreGoneAfterwards() {
    sha256(random(300));

    assertThat(work).isEmptyDirectory();
  }

  @Test
  void aFolderThatCannotBeMadeIsTold() throws IOException {
    Path file = Files.writeString(work.resolve("file"), "");

    assertThatThrownBy(() -> new SortedDigests(file.resolve("digests")))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("Cannot make the folder " + file.resolve("digests"));
  }
}
