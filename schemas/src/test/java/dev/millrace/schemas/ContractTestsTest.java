package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.cleansing.Contract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ContractTestsTest {

  private static final Path CONTRACTS = Path.of("contracts");
  private static final Contract SHIPPED =
      ContractDeclaration.compile("user-activity.yaml", read(CONTRACTS, "user-activity.yaml"))
          .contract();

  private static int run(String yaml) {
    return ContractTests.run("x_test.yaml", yaml, SHIPPED, ContractTestsTest::mapping);
  }

  private static SourceMapping mapping(String source) {
    return SourceMapping.compile(source, read(Path.of("sources"), source + ".yaml"));
  }

  private static String read(Path folder, String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String withExpectation(String expectation) {
    return """
        contract: user-activity
        tests:
          - name: n
            given:
              - {user_id: u, event_id: e, event_time: "2026-01-05T10:00:00Z", event_type: login, clicks: 3}
            expect:
              - %s
        """
        .formatted(expectation);
  }

  @Test
  void theTestsBesideTheShippedContractPass() {
    assertThat(run(read(CONTRACTS, "user-activity_test.yaml"))).isGreaterThanOrEqualTo(15);
  }

  @Test
  void whatIsNotAsExpectedIsToldWithItsLine() {
    assertThatThrownBy(() -> run(withExpectation("{outcome: duplicate}")))
        .hasMessageContaining("x_test.yaml:7: expected \"duplicate\", and this came")
        .hasMessageContaining("\"outcome\":\"clean\"");
    assertThatThrownBy(() -> run(withExpectation("{outcome: clean, event: {clicks: 4}}")))
        .hasMessageContaining("x_test.yaml:7: expected 4");
    assertThatThrownBy(() -> run(withExpectation("{outcome: clean, flags: [x:Y]}")))
        .hasMessageContaining("x_test.yaml:7: expected [\"x:Y\"]");
    assertThatThrownBy(
            () ->
                run(
                    withExpectation(
                        "{outcome: clean, violations: [{rule: TOO_LONG, field: city}]}")))
        .hasMessageContaining("TOO_LONG");
  }

  @Test
  void numbersAreComparedByTheirValue() {
    assertThat(run(withExpectation("{outcome: clean, event: {clicks: 3.0}}"))).isEqualTo(1);
  }

  @Test
  void whatIsNoTestIsToldWithWhatToDo() {
    assertThatThrownBy(() -> run("contract: other\ntests: []"))
        .hasMessageContaining("beside the contract 'user-activity'")
        .hasMessageContaining("there is no test");
    assertThatThrownBy(() -> run("contract: user-activity\ntests:\n  - {name: n, given: [{a: 1}]}"))
        .hasMessageContaining("there are 1 and 0");
    assertThatThrownBy(() -> run(withExpectation("{came: clean}")))
        .hasMessageContaining("'came' is not known here")
        .hasMessageContaining("'outcome' is missing");
  }
}
