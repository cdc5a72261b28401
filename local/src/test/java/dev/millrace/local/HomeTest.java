package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {

  @TempDir private Path directory;

  @Test
  void findsWhatComesWithTheTreeContractsFirst() throws IOException {
    Path sources = Files.createDirectories(directory.resolve("schemas/sources"));
    Files.createFile(sources.resolve("b.yaml"));
    Files.createFile(sources.resolve("a.yaml"));
    Files.createFile(sources.resolve("a_test.yaml"));
    Files.createFile(sources.resolve("notes.md"));
    Path contracts = Files.createDirectories(directory.resolve("schemas/contracts"));
    Files.createFile(contracts.resolve("z.yaml"));
    Files.createFile(contracts.resolve("z_test.yaml"));
    Path model = Files.createDirectories(directory.resolve("schemas/models/m"));
    Files.createFile(model.resolve("MLmodel"));
    Files.createDirectories(directory.resolve("schemas/models/unfinished"));

    assertThat(new Home(directory, directory, "1").bundledDeclarations())
        .containsExactly(
            contracts.resolve("z.yaml"),
            sources.resolve("a.yaml"),
            sources.resolve("b.yaml"),
            model);
    assertThat(new Home(directory.resolve("none"), directory, "1").bundledDeclarations()).isEmpty();
  }

  @Test
  void clearsEverythingButItsLockAndThisProgramsLog() throws IOException {
    Home home = new Home(directory, directory.resolve("work"), "1");
    Files.createDirectories(home.work().resolve("kafka/events.raw-0"));
    Files.createDirectories(home.logs());
    Files.createFile(home.work().resolve("kafka/events.raw-0/0.log"));
    Files.createFile(home.lockFile());
    Files.createFile(home.stackFile());
    Files.createFile(home.log("kafka"));
    Files.createFile(home.log("millrace"));

    home.clear();

    assertThat(home.work()).isDirectoryRecursivelyContaining(path -> path.endsWith("millrace.log"));
    try (var left = Files.walk(home.work())) {
      assertThat(left)
          .containsExactlyInAnyOrder(
              home.work(), home.logs(), home.lockFile(), home.log("millrace"));
    }
  }

  @Test
  void saysHowToBuildAServiceThatIsMissing() {
    assertThatThrownBy(() -> new Home(directory, directory, "1").jar(Service.SCORING))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("scoring-service has not been built")
        .hasMessageContaining("./mvnw -DskipTests package");
  }

  @Test
  void knowsWhereItIsFromTheScript() {
    assertThat(Home.ofThisJvm().version()).isEqualTo(Homes.VERSION);
    assertThat(Home.ofThisJvm().bundledDeclarations()).isNotEmpty();
  }
}
