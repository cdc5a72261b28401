package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReferenceSetTest {

  private static ReferenceSet set(String text) {
    return ReferenceSet.of("products.txt", text.getBytes(UTF_8));
  }

  private static void assertRefused(byte[] text, String... why) {
    assertThatThrownBy(() -> ReferenceSet.of("products.txt", text))
        .isInstanceOf(DeclarationException.class)
        .hasMessageContaining("products.txt")
        .hasMessageContainingAll(why);
  }

  @Test
  void aLineIsAValueAndWhiteSpaceAroundItDoesNotCount() {
    ReferenceSet set = set("p-1\r\n  p-2\t\n\n\u2003\np 3\rp-1\np-é");

    assertThat(set.size()).isEqualTo(4);
    assertThat(set.contains("p-1")).isTrue();
    assertThat(set.contains("p-2")).isTrue();
    assertThat(set.contains("p 3")).isTrue();
    assertThat(set.contains("p-é")).isTrue();
    assertThat(set.contains("P-1")).as("case counts").isFalse();
    assertThat(set.contains("")).isFalse();
  }

  @Test
  void equalSetsAreEqualBytesAndReadAgainTheyAreTheSame() {
    byte[] canonical = set("b\na\nc").canonical();

    assertThat(canonical).isEqualTo("a\nb\nc\n".getBytes(UTF_8));
    assertThat(set("c\n\n a\nb\nb").canonical()).isEqualTo(canonical);
    assertThat(ReferenceSet.of("again", canonical).canonical()).isEqualTo(canonical);
  }

  @Test
  void aByteOrderMarkAtTheBeginIsNoPartOfTheFirstValue() {
    assertThat(set("\uFEFFp-1\np-2").contains("p-1")).isTrue();
    assertThat(set("\uFEFFp-1\np-2").canonical()).isEqualTo(set("p-1\np-2").canonical());
    assertRefused("\uFEFF\uFEFFp-1".getBytes(UTF_8), "1", "a NUL or a byte order mark");
    assertRefused("p-1\n\uFEFFp-2".getBytes(UTF_8), "2", "a NUL or a byte order mark");
  }

  @Test
  void whatIsNoTextInUtf8IsRefused() {
    assertRefused(new byte[] {'p', (byte) 0xff, '\n'}, "is not in UTF-8");
    assertRefused("p-1\np-2".getBytes(UTF_16), "is not in UTF-8");
    assertRefused("p-1\np-\0002".getBytes(UTF_8), "2", "a NUL or a byte order mark");
  }

  @Test
  void aFileThatHoldsNothingIsRefused() {
    assertRefused(new byte[0], "holds no value; write one a line");
    assertRefused(" \n\n\uFEFF".replace("\uFEFF", "").getBytes(UTF_8), "holds no value");
    assertRefused("\uFEFF".getBytes(UTF_8), "holds no value");
  }

  @Test
  void aLineThatNoTextOfAnEventCanEqualIsRefused() {
    byte[] line = new byte[10_000_000];
    Arrays.fill(line, (byte) 'x');

    assertRefused(line, "is longer than 8,192 characters");
    assertThat(set("x".repeat(8_192)).size()).isEqualTo(1);
    assertRefused(("p-1\n" + "x".repeat(8_193)).getBytes(UTF_8), "2", "is longer");
  }

  @Test
  void whatCantBeKeptInMemoryIsRefused() {
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i <= 2_000_000; i++) {
      many.writeBytes((Integer.toString(i, 36) + "\n").getBytes(UTF_8));
    }

    assertRefused(many.toByteArray(), "holds more than 2,000,000 values");
    assertRefused(new byte[64 * 1024 * 1024 + 1], "67,108,865 bytes", "67,108,864 are allowed");
  }
}
