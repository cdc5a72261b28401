package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CsvHeaderTest {

  private static final SourceMapping CSV =
      SourceMapping.compile(
          "test",
          """
          source: shop
          version: 1
          format: csv
          columns: [user, time, type]
          fields:
            user_id: {from: user}
            event_time: {from: time}
            event_type: {from: type}
          """);

  private static boolean isHeader(String line) {
    return CSV.isHeader(line.getBytes(UTF_8));
  }

  @Test
  void aLineThatNamesAllColumnsInTheirOrderIsNoEvent() {
    assertThat(isHeader("user,time,type")).isTrue();
    assertThat(isHeader("\"user\",time,\"type\"")).isTrue();
  }

  @Test
  void anyOtherLineIsAnEvent() {
    assertThat(isHeader("time,user,type")).isFalse();
    assertThat(isHeader("user,time")).isFalse();
    assertThat(isHeader("user,time,type,more")).isFalse();
    assertThat(isHeader("ann,2026-01-01T00:00:00Z,view")).isFalse();
    assertThat(isHeader("User,Time,Type")).isFalse();
    assertThat(isHeader("")).isFalse();
    assertThat(isHeader("\"user,time,type")).isFalse();
  }

  @Test
  void aMappingOfJsonHasNoHeader() {
    SourceMapping json =
        SourceMapping.compile(
            "test",
            """
            source: app
            version: 1
            format: json
            fields:
              user_id: {from: /user}
              event_time: {from: /time}
              event_type: {from: /type}
            """);

    assertThat(json.isHeader("user,time,type".getBytes(UTF_8))).isFalse();
  }
}
