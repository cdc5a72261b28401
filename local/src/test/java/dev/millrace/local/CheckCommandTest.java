package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.features.FeatureFold;
import dev.millrace.schemas.FeatureSetDeclaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {

  private static final String MAPPING =
      """
      source: web
      version: 3
      format: json
      fields:
        user_id:    {from: /who}
        event_time: {from: /when, time: iso_8601, zone: UTC}
        event_type: {constant: visit}
      """;

  @TempDir private Path directory;

  private Cli check(String... paths) {
    String[] arguments = new String[paths.length + 1];
    arguments[0] = "check";
    System.arraycopy(paths, 0, arguments, 1, paths.length);
    return Cli.run(Homes.in(directory.resolve("work")), arguments);
  }

  private String file(String name, String yaml) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, yaml).toString();
  }

  @Test
  void whatComesWithMillraceIsSound() {
    Cli checked = check();

    assertThat(checked.exitCode()).as(checked.out()).isZero();
    assertThat(checked.out())
        .containsPattern(
            "(?m)^ok  contracts/user-activity.yaml  contract user-activity version \\d+  sha256 [0-9a-f]{12}…$")
        .containsPattern(
            "(?m)^ok  sources/clickstream.yaml  source clickstream version \\d+  sha256 ")
        .containsPattern("(?m)^ok  contracts/user-activity_test.yaml  \\d\\d tests$")
        .contains("ok  sources/default.yaml")
        .containsPattern(
            "(?m)^ok  feature-sets/user-activity.yaml  feature-set user-activity version \\d+  sha256 ")
        .containsPattern("(?m)^ok  feature-sets/user-activity_test.yaml  \\d tests$")
        .endsWith("4 files are as they must be.\n");
  }

  @Test
  void ofAFeatureSetItsStateAndWhatItOwesToTheOrderOfEventsIsTold() throws IOException {
    String yaml =
        """
            feature_set: counts
            version: 1
            entity: user_id
            source: events.clean
            features:
              - {name: events, op: count, windows: [1h, 24h]}
              - {name: session, op: session, gap: 5m, emit: [events]}
              - {name: country, op: last, of: country}
            derived:
              - {name: busy, expr: "session_events > events_1h"}
              - {name: foreign, expr: "country != 'DE'"}
              - {name: burst, expr: "events_1h / events_24h"}
            """;
    long bytes =
        new FeatureFold(FeatureSetDeclaration.compile("counts.yaml", yaml).set()).greatestBytes();

    assertThat(check(file("counts.yaml", yaml)).out())
        .endsWith(
            """
            …
                7 columns; a user's state takes at most %,d bytes of 1,048,576
                order-free  events, burst
                event-time  country, foreign
                arrival     session, busy
            1 file is as it must be.
            """
                .formatted(bytes));
  }

  @Test
  void everyProblemOfEveryFileIsToldWithItsLine() throws IOException {
    String good = file("a/good.yaml", MAPPING);
    String bad = file("a/bad.yaml", MAPPING.replace("version: 3", "version: 0") + "columns: 3\n");
    String other = file("b/other.yaml", "model: churn\n");

    Cli checked = check(directory.resolve("a").toString(), other);

    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.err()).isEmpty();
    assertThat(checked.out())
        .contains("ok  " + good + "  source web version 3")
        .contains(bad + ":2: ", bad + ":8: ")
        .contains(
            other
                + ":1: declares nothing; begin with 'source: NAME', 'contract: NAME' or 'feature_set: NAME'")
        .endsWith("2 of 3 files can't be used.\n");
  }

  @Test
  void aTestBesideAContractThatFailsIsToldWithItsNameAndLine() throws IOException {
    String contract =
        file(
            "user-activity.yaml",
            Files.readString(Homes.ROOT.resolve("schemas/contracts/user-activity.yaml")));
    String tests =
        file(
            "user-activity_test.yaml",
            """
            contract: user-activity
            tests:
              - name: nothing is a duplicate
                given: [{user_id: u, name: of an event}]
                expect: [{outcome: quarantined}]
              - {name: nothing is clean, given: [{name: of an event}], expect: [{outcome: clean}]}
              - given: [{user_id: u}]
                expect: [{outcome: clean}]
                name: "nor is: this"
            """);

    Cli checked = check(contract);

    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.out())
        .containsPattern(
            Pattern.quote(tests)
                + ":6: expected \"clean\", and this came: .*\n    in the test 'nothing is clean'\n")
        .containsPattern(":8: expected \"clean\", .*\n    in the test 'nor is: this'\n")
        .doesNotContain("nothing is a duplicate");
  }

  @Test
  void aTestBesideAFeatureSetThatFailsIsToldWithItsNameAndWhatCame() throws IOException {
    String set =
        file(
            "counts.yaml",
            """
            feature_set: counts
            version: 1
            entity: user_id
            source: events.clean
            features: [{name: events, op: count, windows: [10m]}]
            """);
    String tests =
        file(
            "counts_test.yaml",
            """
            feature_set: counts
            tests:
              - name: one is two
                given: [{event_time: "2026-01-05T12:00:00Z", event_type: login}]
                expect: {events_10m: 2}
            """);

    Cli checked = check(set);

    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.out())
        .contains(
            tests + ":5: events_10m is 1, and 2 was expected\n    in the test 'one is two'\n");
  }

  @Test
  void whatIsNoTestIsToldByItsLineAlone() throws IOException {
    String contract =
        file(
            "user-activity.yaml",
            Files.readString(Homes.ROOT.resolve("schemas/contracts/user-activity.yaml")));
    String tests = file("user-activity_test.yaml", "contract: user-activity\ntests: {name: x}\n");

    assertThat(check(contract).out()).contains(tests + ":2: ").doesNotContain("in the test");
    Files.writeString(Path.of(tests), "contract: [\n");
    assertThat(check(contract).out()).contains(tests + ":").doesNotContain("in the test");
  }

  @Test
  void aContractThatNothingAsksForIsNotSound() throws IOException {
    String contract =
        Files.readString(Homes.ROOT.resolve("schemas/contracts/user-activity.yaml"))
            .replace("contract: user-activity", "contract: activity");
    String file = file("activity.yaml", contract);

    Cli checked = check(file);

    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.out())
        .contains(file + " declares the contract 'activity'", "is called 'user-activity'");
  }

  @Test
  void aFileThatIsNoTextIsNamed() throws IOException {
    Path file = Files.write(directory.resolve("noise.yaml"), new byte[] {(byte) 0xC3, 0x28});

    assertThat(check(file.toString()).out()).contains(file + ": is no text in UTF-8");
  }

  @Test
  void filesBesideAModelAreNoDeclarations() {
    Cli checked = check(Homes.ROOT.resolve("schemas/models").toString());

    assertThat(checked.exitCode()).isEqualTo(2);
    assertThat(checked.err()).contains("There is no declaration in");
  }

  @Test
  void testsThatStandBesideNothingAreToldSinceNobodyWouldRunThem() throws IOException {
    file("a/web.yaml", MAPPING);
    String tests = file("a/webb_test.yaml", "feature_set: webb\n");

    Cli checked = check(directory.resolve("a").toString());

    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.out())
        .contains(tests + ": stands beside nothing, and is not run")
        .contains("webb.yaml")
        .endsWith("1 of 2 files can't be used.\n");
  }

  @Test
  void twoFilesThatDeclareOneVersionAreTold() throws IOException {
    String first = file("a/one.yaml", MAPPING);
    String second = file("a/two.yaml", MAPPING.replace("/who", "/user"));

    Cli checked = check(directory.resolve("a").toString());

    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.out())
        .contains(second + ": declares source web version 3, as " + first + " does");
  }

  @Test
  void whatIsNoDeclarationIsWrongUsage() throws IOException {
    assertThat(check("none.yaml").exitCode()).isEqualTo(2);
    assertThat(check("none.yaml").err()).contains("none.yaml is no declaration", ".yaml");
    assertThat(check(file("events.csv", "1,2")).exitCode()).isEqualTo(2);
  }
}
