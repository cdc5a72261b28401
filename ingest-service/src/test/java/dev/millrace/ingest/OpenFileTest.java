package dev.millrace.ingest;

import static dev.millrace.ingest.Http.gzip;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OpenFileTest {

  private static final long LIMIT = 100_000_000;

  private static OpenFile.Content file(byte[] content) {
    return position -> {
      InputStream in = new ByteArrayInputStream(content);
      in.skipNBytes(position);
      return in;
    };
  }

  private static List<String> rest(OpenFile open) throws IOException {
    List<String> records = new ArrayList<>();
    for (@Nullable FileRecord record = open.next(); record != null; record = open.next()) {
      records.add(new String(record.payload(), UTF_8));
    }
    return records;
  }

  private static List<String> read(String name, byte[] content) throws IOException {
    try (OpenFile open = OpenFile.at(file(content), name, LIMIT)) {
      return rest(open);
    }
  }

  private static String refusal(String name, byte[] content) {
    try {
      read(name, content);
    } catch (UnreadableFileException e) {
      return e.getMessage();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError(name + " was read");
  }

  @Test
  void theNameSaysHowItIsCutAndAJsonFileMayHoldLines() throws IOException {
    assertThat(read("x.csv", "a,\"b\nc\"".getBytes(UTF_8))).containsExactly("a,\"b\nc\"");
    assertThat(read("X.NDJSON", "[1]\n[2]".getBytes(UTF_8))).containsExactly("[1]", "[2]");
    assertThat(read("x.jsonl", "1\n2".getBytes(UTF_8))).containsExactly("1", "2");
    assertThat(read("x.json", " \n[1,2]".getBytes(UTF_8))).containsExactly("1", "2");
    assertThat(read("x.json", "{1}\n{2}".getBytes(UTF_8))).containsExactly("{1}", "{2}");
    assertThat(read("x.json", new byte[0])).isEmpty();
  }

  @Test
  void gzipIsInflatedWhateverTheNameSaysAndSoAreSeveralInOne() throws IOException {
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    two.writeBytes(gzip("1\n2".getBytes(UTF_8)));
    two.writeBytes(gzip("3\n4".getBytes(UTF_8)));

    assertThat(read("x.jsonl.gz", two.toByteArray())).containsExactly("1", "23", "4");
    assertThat(read("x.jsonl", two.toByteArray())).containsExactly("1", "23", "4");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstRecord() throws IOException {
    assertThat(read("x.csv", "\ufeffa,b".getBytes(UTF_8))).containsExactly("a,b");
    assertThat(read("x.json", "\ufeff[1]".getBytes(UTF_8))).containsExactly("1");
  }

  @Test
  void whatIsNotWhatItSaysIsRefusedWithAReason() {
    byte[] whole = gzip("a,b\n".repeat(10_000).getBytes(UTF_8));
    byte[] damaged = whole.clone();
    damaged[damaged.length / 2] ^= 0x55;

    assertThat(refusal("x.csv.gz", "a,b".getBytes(UTF_8)))
        .isEqualTo("Its name says that it is gzip, and it is not");
    assertThat(refusal("x.csv.gz", Arrays.copyOf(whole, whole.length - 9)))
        .isEqualTo("It is no complete gzip file");
    assertThat(refusal("x.csv.gz", Arrays.copyOf(whole, 5)))
        .isEqualTo("It is no complete gzip file");
    assertThat(refusal("x.csv.gz", damaged)).isEqualTo("It is no complete gzip file");
    assertThat(refusal("x.csv.gz", gzip(whole)))
        .isEqualTo("It is gzip within gzip; compress it once");
    assertThat(refusal("x.csv", "a,b".getBytes(UTF_16)))
        .isEqualTo("It is UTF-16; write it in UTF-8");
  }

  @Test
  void aBombIsRefusedBeforeItIsInflatedToItsEnd() {
    assertThat(refusal("x.csv.gz", gzip(new byte[90_000_000])))
        .isEqualTo("It inflates to more than 200 times its size, as a bomb does");
  }

  @Test
  void aFileThatInflatesToTooMuchIsRefused() {
    OpenFile.Content file = file(gzip("a,b\n".repeat(100).getBytes(UTF_8)));

    assertThatThrownBy(
            () -> {
              try (OpenFile open = OpenFile.at(file, "x.csv.gz", 399)) {
                rest(open);
              }
            })
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("more than 399 bytes")
        .hasMessageContaining("millrace.ingest.max-inflated-file");
  }

  @Test
  void itIsOpenedAgainWhereARecordEnded() throws IOException {
    byte[] text = "1\n2\n3\n4".getBytes(UTF_8);
    for (byte[] content : List.of(text, gzip(text))) {
      OpenFile.Content file = file(content);
      try (OpenFile first = OpenFile.at(file, "x.jsonl", LIMIT)) {
        first.next();
        first.next();
        try (OpenFile again =
            OpenFile.at(file, first.format(), first.position(), first.lines(), LIMIT)) {
          FileRecord third = again.next();
          assertThat(third).isNotNull();
          assertThat(third.line()).isEqualTo(3);
          assertThat(rest(again)).containsExactly("4");
          assertThat(again.position()).isEqualTo(text.length);
        }
      }
    }
  }
}
