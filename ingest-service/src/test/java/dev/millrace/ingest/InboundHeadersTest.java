package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schemas.ContentType;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class InboundHeadersTest {

  private static final byte[] JSON = "{}".getBytes(UTF_8);

  private final Headers headers = new RecordHeaders();

  private String source() {
    return InboundHeaders.of(headers).source("default");
  }

  private String contentType() {
    return InboundHeaders.of(headers).contentType(JSON);
  }

  @Test
  void withoutHeadersTheSourceIsTheDefaultAndTheTypeIsGuessed() {
    assertThat(source()).isEqualTo("default");
    assertThat(contentType()).isEqualTo(ContentType.JSON);
  }

  @Test
  void aHeaderWithoutAValueIsAbsent() {
    headers.add("source", null).add("content-type", null);

    assertThat(source()).isEqualTo("default");
    assertThat(contentType()).isEqualTo(ContentType.JSON);
  }

  @Test
  void aHeaderOf256BytesIsReadAndALongerOneNamesNothing() {
    headers.add("source", "é".repeat(128).getBytes(UTF_8));
    headers.add("content-type", ("text/csv;" + " ".repeat(247)).getBytes(UTF_8));
    assertThat(source()).isEqualTo("é".repeat(128));
    assertThat(contentType()).isEqualTo(ContentType.CSV);

    headers.add("source", "x".repeat(257).getBytes(UTF_8));
    headers.add("content-type", ("text/csv;" + " ".repeat(248)).getBytes(UTF_8));
    assertThat(source()).isEmpty();
    assertThat(contentType()).isEqualTo(ContentType.UNKNOWN);
  }

  @Test
  void aHeaderThatIsNoUtf8NamesNothing() {
    headers.add("source", "é".getBytes(ISO_8859_1));
    headers.add("content-type", new byte[] {(byte) 0xac, (byte) 0xed, 0, 5});

    assertThat(source()).isEmpty();
    assertThat(contentType()).isEqualTo(ContentType.UNKNOWN);
  }

  @Test
  void theLastOfSeveralHeadersOfOneNameCounts() {
    headers.add("source", "a".getBytes(UTF_8)).add("source", "b".getBytes(UTF_8));
    assertThat(source()).isEqualTo("b");

    headers.add("source", null);
    assertThat(source()).isEqualTo("default");
  }

  @Test
  void tenThousandHeadersAreSearchedAndNotRead() {
    headers.add("source", "web".getBytes(UTF_8));
    IntStream.range(0, 10_000).forEach(i -> headers.add("Source" + i, new byte[] {(byte) 0xff}));

    assertThat(source()).isEqualTo("web");
    assertThat(contentType()).isEqualTo(ContentType.JSON);
  }
}
