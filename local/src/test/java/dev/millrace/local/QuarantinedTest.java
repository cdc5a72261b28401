package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.ViolationMessage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QuarantinedTest {

  private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");

  private static Quarantined quarantined(
      @Nullable String source, long offset, ViolationMessage... violations) {
    return quarantined(source, null, offset, violations);
  }

  private static Quarantined quarantined(
      @Nullable String source, @Nullable String file, long offset, ViolationMessage... violations) {
    return new Quarantined(
        NOON,
        QuarantinedEventMessage.newBuilder()
            .setStage("cleansing")
            .setSource(source)
            .setFileName(file)
            .setFileLine(file == null ? null : 1_234L)
            .setOrigin(new OriginMessage("topic", 3, offset))
            .setViolations(List.of(violations))
            .setPayloadSha256("")
            .setPayloadBytes(2)
            .setActivationOffset(0)
            .build());
  }

  @Test
  void aRowForEachReasonWhatIsSharedOnlyOnce() {
    String table =
        Quarantined.table(
            List.of(
                quarantined(
                    "default",
                    17,
                    new ViolationMessage("MISSING_FIELD", "user_id", "user_id is missing"),
                    new ViolationMessage("WRONG_TYPE", "value_micros", "is no number")),
                quarantined(null, 18, new ViolationMessage("JSON_MALFORMED", null, "is no JSON"))));

    assertThat(table)
        .isEqualTo(
            """
            arrived               source   origin  stage      rule            field         message
            2026-01-05T12:00:00Z  default  3:17    cleansing  MISSING_FIELD   user_id       user_id is missing
                                                              WRONG_TYPE      value_micros  is no number
            2026-01-05T12:00:00Z  -        3:18    cleansing  JSON_MALFORMED  -             is no JSON""");
  }

  @Test
  void anEventFromAFileHasItsFileAndLine() {
    String table =
        Quarantined.table(
            List.of(
                quarantined(
                    "web", "2026/logs.csv", 17, new ViolationMessage("WRONG_TYPE", "ip", "no")),
                quarantined("web", 18, new ViolationMessage("WRONG_TYPE", "ip", "no")),
                quarantined(
                    "web",
                    "x".repeat(50) + "/logs.csv.gz",
                    19,
                    new ViolationMessage("WRONG_TYPE", "ip", "no"),
                    new ViolationMessage("TOO_LONG", "city", "no"))));

    assertThat(table)
        .isEqualTo(
            """
            arrived               source  file:line                                      origin  stage      rule        field  message
            2026-01-05T12:00:00Z  web     2026/logs.csv:1234                             3:17    cleansing  WRONG_TYPE  ip     no
            2026-01-05T12:00:00Z  web     -                                              3:18    cleansing  WRONG_TYPE  ip     no
            2026-01-05T12:00:00Z  web     …xxxxxxxxxxxxxxxxxxxxxxxxxxx/logs.csv.gz:1234  3:19    cleansing  WRONG_TYPE  ip     no
                                                                                                            TOO_LONG    city   no""");
  }

  @Test
  void whatASenderChoseCanNeitherSteerTheTerminalNorFillIt() {
    String table =
        Quarantined.table(
            List.of(
                quarantined(
                    "\u001b[2J\n" + "x".repeat(200),
                    17,
                    new ViolationMessage("UNKNOWN_SOURCE", null, "no"))));

    assertThat(table).doesNotContain("\u001b").contains("?[2J?xxx", "…").hasLineCount(2);
    assertThat(table.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(120));
  }
}
