package dev.millrace.benchmarks.sidebyside;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {

  private static final Machine MACHINE =
      new Machine("Some CPU", 2, "8 GiB", "Linux 6.1", "Vendor 17.0.15");

  private static final Report REPORT =
      new Report(
          Map.of(
              "chain",
              new Report.Entry(
                  "2026-11-27T12:00:00Z",
                  "0123456789",
                  "benchmarks/run chain",
                  MACHINE,
                  new Measured(
                      List.of(
                          Goal.atLeast(0.12, "loop ÷ chain", "", Spread.of(0.1, 0.2, 0.15)),
                          Goal.atLeast(40_000, "chain", "events/s", Spread.of(39_000))),
                      List.of(
                          Row.of("loop & <broker>", "µs", Spread.of(3, 2, 4)).withBar(),
                          Row.of("apart", "µs", Spread.of(1))),
                      List.of("A sentence.")))));

  @TempDir private Path directory;

  @Test
  void aGoalIsShownWithItsBoundItsSpreadAndWhetherItIsReached() {
    assertThat(Page.measured(REPORT, "plot.svg"))
        .contains("| loop ÷ chain | ≥ 0.12  | 0.15 | 0.10 – 0.20 | yes |")
        .contains("| chain | ≥ 40,000 events/s | 39,000 | once | **no** |");
  }

  @Test
  void aRowIsShownWithItsMedianAndHowAndWhereItWasMeasured() {
    assertThat(Page.measured(REPORT, "plot.svg"))
        .contains("| loop & <broker> | 3.00 | 2.00 – 4.00 | µs |")
        .contains(
            "`benchmarks/run chain` on 2026-11-27T12:00:00Z at commit 0123456789; Some CPU, 2"
                + " cores, 8 GiB; Linux 6.1; JDK Vendor 17.0.15.");
  }

  @Test
  void whatPeopleWroteStays() {
    String page = "Before\n" + Page.BEGIN + "\nold\n" + Page.END + "\nAfter\n";

    assertThat(Page.filled(page, "new\n"))
        .isEqualTo("Before\n" + Page.BEGIN + "\n\nnew\n" + Page.END + "\nAfter\n");
  }

  @Test
  void refusesAPageWithoutAPlace() {
    assertThatThrownBy(() -> Page.filled("Nothing", "new"))
        .hasMessageContaining("has no place for what is measured");
  }

  @Test
  void theReportIsReadAsItWasWritten() {
    Path file = directory.resolve("results.json");

    REPORT.write(file);

    assertThat(Report.read(file)).isEqualTo(REPORT);
  }

  @Test
  void aMeasurementThatIsMadeAgainReplacesOnlyItself() {
    Report.Entry chain = REPORT.measurements().get("chain");

    Report both = REPORT.with("state", chain).with("chain", chain);

    assertThat(both.measurements()).containsOnlyKeys("chain", "state");
  }

  @Test
  void thePlotIsWellFormedAndHasABarForWhatIsToBePlotted() throws Exception {
    Path file = directory.resolve("plot.svg");

    Plot.write(file, REPORT);

    String svg = Files.readString(file);
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    assertThat(svg)
        .contains("loop &amp; &lt;broker&gt;", "width=\"270.0\"")
        .doesNotContain("apart");
  }

  @Test
  void numbersHaveThreeDigitsThatCount() {
    assertThat(Numbers.text(42_123.4)).isEqualTo("42,123");
    assertThat(Numbers.text(123.4)).isEqualTo("123");
    assertThat(Numbers.text(12.34)).isEqualTo("12.3");
    assertThat(Numbers.text(1.234)).isEqualTo("1.23");
    assertThat(Numbers.text(0.0123)).isEqualTo("0.012");
  }

  @Test
  void theMachineIsReadFromLinesOfProc() {
    List<String> lines = List.of("MemTotal:       24689764 kB", "MemFree: 1 kB");

    assertThat(Machine.value("MemTotal", lines, "none")).isEqualTo("24689764 kB");
    assertThat(Machine.value("SwapTotal", lines, "none")).isEqualTo("none");
    assertThat(Machine.gibibytes("24689764 kB")).isEqualTo("24 GiB");
  }
}
