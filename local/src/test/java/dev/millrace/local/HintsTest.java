package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HintsTest {

  /** The same id with other content would be quarantined, to the surprise of whoever tries both. */
  @ParameterizedTest
  @ValueSource(strings = {"README.md", "ingest-service/README.md"})
  void theFirstEventIsTheSameWhereverItIsShown(String readme) throws IOException {
    assertThat(Files.readString(Homes.ROOT.resolve(readme))).contains("-d '" + Hints.EVENT + "'");
  }
}
