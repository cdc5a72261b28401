package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.EventBatch.MalformedBatchException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventBatchTest {

  private static List<String> texts(List<byte[]> payloads) {
    return payloads.stream().map(payload -> new String(payload, UTF_8)).toList();
  }

  @Test
  void cutsAnArrayWithoutChangingAByteOfItsElements() throws MalformedBatchException {
    String body = " [ {\"a\" : 1.50, \"é\":[1, {}]} ,\n12e3,\"x, y\" , null,[ ] ,{}] ";

    assertThat(texts(EventBatch.ofJsonArray(body.getBytes(UTF_8))))
        .containsExactly("{\"a\" : 1.50, \"é\":[1, {}]}", "12e3", "\"x, y\"", "null", "[ ]", "{}");
  }

  @Test
  void anEmptyArrayHasNoEvents() throws MalformedBatchException {
    assertThat(EventBatch.ofJsonArray("[]".getBytes(UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[{}", "[{},]", "[] []", "", "[1 2]", "[\"a]", "[nope]"})
  void whatIsNoArrayIsRefusedAsAWhole(String body) {
    assertThatThrownBy(() -> EventBatch.ofJsonArray(body.getBytes(UTF_8)))
        .isInstanceOf(MalformedBatchException.class);
  }

  @Test
  void anArrayThatIsNotUtf8OrTooDeepIsRefused() {
    assertThatThrownBy(() -> EventBatch.ofJsonArray("[{}]".getBytes(UTF_16LE)))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageContaining("UTF-8");
    assertThatThrownBy(() -> EventBatch.ofJsonArray(new byte[] {'[', '"', (byte) 0xe9, '"', ']'}))
        .isInstanceOf(MalformedBatchException.class);
    assertThatThrownBy(() -> EventBatch.ofJsonArray("[".repeat(10_000).getBytes(UTF_8)))
        .isInstanceOf(MalformedBatchException.class);
  }

  @Test
  void cutsLinesAndLeavesOutBlankOnes() {
    assertThat(texts(EventBatch.ofLines("{}\r\n\n  \n not json\n{}".getBytes(UTF_8))))
        .containsExactly("{}", " not json", "{}");
  }
}
