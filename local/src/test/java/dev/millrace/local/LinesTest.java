package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.Topics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class LinesTest {

  @Test
  void saysHowFarItCameWhenTheFileCannotBeReadAnyFurther() {
    InputStream torn =
        new SequenceInputStream(
            new ByteArrayInputStream("a\nb\n".getBytes(UTF_8)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("Input/output error");
              }
            });
    Lines lines = new Lines("events.csv", torn);
    lines.next();
    lines.next();

    assertThatThrownBy(lines::hasNext)
        .isInstanceOf(CommandException.class)
        .hasMessage(
            "Cannot read events.csv after line 2: Input/output error. What came before was published.");
  }

  private static Lines lines(byte[] content) {
    return new Lines("events.csv", new ByteArrayInputStream(content));
  }

  private static List<String> read(String content) {
    List<String> read = new ArrayList<>();
    try (Lines lines = lines(content.getBytes(UTF_8))) {
      lines.forEachRemaining(line -> read.add(new String(line, UTF_8)));
    }
    return read;
  }

  @Test
  void endsLinesByLineFeedWithOrWithoutCarriageReturn() {
    assertThat(read("a\nb\r\n\r\nc")).containsExactly("a", "b", "", "c");
    assertThat(read("a\n")).containsExactly("a");
    assertThat(read("")).isEmpty();
    assertThat(read("a\rb\n")).containsExactly("a\rb");
  }

  @Test
  void leavesAByteOrderMarkOutAtTheStartOnly() {
    assertThat(read("\uFEFFa\n\uFEFFb")).containsExactly("a", "\uFEFFb");
  }

  @Test
  void leavesBytesAsTheyAre() {
    byte[] noText = {(byte) 0xFF, (byte) 0xC0, 1, '\n'};

    assertThat(lines(noText).next()).containsExactly(0xFF, 0xC0, 1);
  }

  @Test
  void refusesALineThatNoTopicTakesBeforeItHasReadItAll() {
    byte[] endless = new byte[Topics.MAX_PAYLOAD_BYTES * 2];
    Arrays.fill(endless, (byte) 'x');
    endless[1] = '\n';

    Lines lines = lines(endless);

    assertThat(lines.next()).hasSize(1);
    assertThatThrownBy(lines::next)
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("Line 2 of events.csv has more than 1000000 bytes");
  }

  @Test
  void takesTheLargestPayload() {
    byte[] largest = new byte[Topics.MAX_PAYLOAD_BYTES + 2];
    Arrays.fill(largest, (byte) 'x');
    largest[Topics.MAX_PAYLOAD_BYTES] = '\r';
    largest[Topics.MAX_PAYLOAD_BYTES + 1] = '\n';

    assertThat(lines(largest).next()).hasSize(Topics.MAX_PAYLOAD_BYTES);
  }

  @Test
  void thereIsNothingAfterTheEnd() {
    Lines none = lines(new byte[0]);

    assertThat(none.hasNext()).isFalse();
    assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(() -> Lines.of(Path.of("no-such-file")))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("no-such-file");
  }
}
