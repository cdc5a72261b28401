package dev.millrace.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import de.siegmar.fastcsv.reader.CsvReader;
import dev.millrace.schemas.Topics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCutterTest {

  /** What a cutter gave, and where it stood then. */
  private record Cut(FileRecord record, long position, long lines) {

    String text() {
      return new String(record.payload(), UTF_8);
    }
  }

  private static FileBytes bytes(String file) {
    return new FileBytes(new ByteArrayInputStream(file.getBytes(UTF_8)), 0, 0);
  }

  private static List<Cut> cut(RecordCutter cutter, FileBytes bytes) throws IOException {
    List<Cut> cuts = new ArrayList<>();
    for (@Nullable FileRecord record = cutter.next(); record != null; record = cutter.next()) {
      cuts.add(new Cut(record, bytes.position(), bytes.lines()));
    }
    return cuts;
  }

  private static List<Cut> cut(FileFormat format, String file) throws IOException {
    FileBytes bytes = bytes(file);
    return cut(format.cutter(bytes, false), bytes);
  }

  private static List<String> texts(FileFormat format, String file) throws IOException {
    return cut(format, file).stream().map(Cut::text).toList();
  }

  private static List<Long> lines(FileFormat format, String file) throws IOException {
    return cut(format, file).stream().map(cut -> cut.record().line()).toList();
  }

  // Lines

  @Test
  void aLineIsARecordWhateverItsLineEndAndBlankOnesAreNone() throws IOException {
    String file = "{1}\n\n {2} \r\n\t \n{3}";

    assertThat(texts(FileFormat.JSON_LINES, file)).containsExactly("{1}", " {2} ", "{3}");
    assertThat(lines(FileFormat.JSON_LINES, file)).containsExactly(1L, 3L, 5L);
    assertThat(texts(FileFormat.JSON_LINES, "")).isEmpty();
    assertThat(texts(FileFormat.JSON_LINES, "\n\n")).isEmpty();
  }

  @Test
  void theLongestLineIsWholeAndALongerOneJustLongEnoughToBeRefused() throws IOException {
    String longest = "x".repeat(Topics.MAX_PAYLOAD_BYTES);
    String tooLong = "y".repeat(10_000_000);

    for (FileFormat format : List.of(FileFormat.JSON_LINES, FileFormat.CSV)) {
      List<Cut> cuts =
          cut(format, longest + "\r\n" + longest + "z\n" + tooLong + "\r\nnext\n" + tooLong);

      assertThat(cuts).hasSize(5);
      assertThat(cuts.get(0).text()).isEqualTo(longest);
      assertThat(cuts.get(1).text()).isEqualTo(longest + "z");
      assertThat(cuts.get(2).record().payload()).hasSize(Topics.MAX_PAYLOAD_BYTES + 1);
      assertThat(cuts.get(3).text()).isEqualTo("next");
      assertThat(cuts.get(3).record().line()).isEqualTo(4);
      assertThat(cuts.get(4).record().payload()).hasSize(Topics.MAX_PAYLOAD_BYTES + 1);
    }
  }

  // CSV

  @Test
  void aQuotedFieldMayGoOverLineEnds() throws IOException {
    String file = "a,\"one\ntwo \"\"three\"\"\r\n\",c\r\nd,e,f\n\"\",\"x\"\n";

    assertThat(texts(FileFormat.CSV, file))
        .containsExactly("a,\"one\ntwo \"\"three\"\"\r\n\",c", "d,e,f", "\"\",\"x\"");
    assertThat(lines(FileFormat.CSV, file)).containsExactly(1L, 4L, 5L);
  }

  @Test
  void aQuoteThatIsNeverClosedCostsOneRecord() throws IOException {
    assertThat(texts(FileFormat.CSV, "a,\"b\nc,d\ne,f\n")).containsExactly("a,\"b", "c,d", "e,f");
    // The next quote does not close it, for no field ends there.
    assertThat(texts(FileFormat.CSV, "a,\"b\nc,d\n\"e\",f\n"))
        .containsExactly("a,\"b", "c,d", "\"e\",f");
    // The end is further away than a record may reach.
    String many = "c,d\n".repeat(Topics.MAX_PAYLOAD_BYTES / 2);
    assertThat(texts(FileFormat.CSV, "a,\"b\n" + many)).hasSize(1 + Topics.MAX_PAYLOAD_BYTES / 2);
  }

  @Test
  void aLineWhoseQuotesAreWrongIsARecordOfItsOwn() throws IOException {
    assertThat(texts(FileFormat.CSV, "5\" pipe,\"x\n\"a\"b,c\nd,e\n"))
        .containsExactly("5\" pipe,\"x", "\"a\"b,c", "d,e");
  }

  @Test
  @Timeout(20)
  void quotesThatOpenOnEveryLineDoNotMakeItSlow() throws IOException {
    for (String line : List.of("a\"b,\"c\n", "\"\n", ",\"\"\"\n", "\"a\"\"\n", "x,\"\n\"y\n")) {
      assertThat(texts(FileFormat.CSV, line.repeat(4_000_000 / line.length()))).isNotEmpty();
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsQuotedByTheRulesIsReadBackAsItWasWritten(long seed) throws IOException {
    Random random = new Random(seed);
    List<List<String>> rows = new ArrayList<>();
    StringBuilder file = new StringBuilder();
    for (int i = random.nextInt(20); i >= 0; i--) {
      List<String> row = new ArrayList<>();
      for (int j = random.nextInt(4); j >= 0; j--) {
        row.add(cell(random));
      }
      row.add("last");
      rows.add(row);
      file.append(String.join(",", row.stream().map(c -> quoted(c, random)).toList()));
      file.append(random.nextBoolean() ? "\n" : "\r\n");
    }

    List<List<String>> read = new ArrayList<>();
    for (String record : texts(FileFormat.CSV, file.toString())) {
      try (var reader = CsvReader.builder().ofCsvRecord(record)) {
        reader.forEach(row -> read.add(row.getFields()));
      }
    }

    assertThat(read).isEqualTo(rows);
  }

  private static String cell(Random random) {
    StringBuilder cell = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      cell.append(List.of("a", "\"", ",", "\n", "\r\n", "ü").get(random.nextInt(6)));
    }
    return cell.toString();
  }

  private static String quoted(String cell, Random random) {
    boolean needed = cell.chars().anyMatch(c -> "\",\r\n".indexOf(c) >= 0);
    return needed || random.nextBoolean() ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }

  // JSON arrays

  @Test
  void anElementIsARecordAsItIsWritten() throws IOException {
    String file = " [ {\"a\": [1, \"]},{\\\"\"]} ,\n\n 17,\n{\"b\":\n{}}, \"x,y\" ] \n";

    assertThat(texts(FileFormat.JSON_ARRAY, file))
        .containsExactly("{\"a\": [1, \"]},{\\\"\"]}", "17", "{\"b\":\n{}}", "\"x,y\"");
    assertThat(lines(FileFormat.JSON_ARRAY, file)).containsExactly(1L, 3L, 4L, 5L);
    assertThat(texts(FileFormat.JSON_ARRAY, "[]")).isEmpty();
    assertThat(texts(FileFormat.JSON_ARRAY, "[ \n ]\n")).isEmpty();
  }

  @Test
  void anElementThatIsNoValidJsonIsCutLikeAnother() throws IOException {
    assertThat(texts(FileFormat.JSON_ARRAY, "[{\"a\":},,nonsense here,{}]"))
        .containsExactly("{\"a\":}", "", "nonsense here", "{}");
  }

  @Test
  void anElementThatIsTooLargeIsPassedOver() throws IOException {
    String huge = "{\"a\": \"" + "x".repeat(5_000_000) + "\"}";

    List<Cut> cuts = cut(FileFormat.JSON_ARRAY, "[" + huge + ",\n{}]");

    assertThat(cuts.get(0).record().payload()).hasSize(Topics.MAX_PAYLOAD_BYTES + 1);
    assertThat(cuts.get(1).text()).isEqualTo("{}");
    assertThat(cuts).hasSize(2);
  }

  @Test
  void anArrayThatCannotBeCutSaysWhere() {
    assertThatThrownBy(() -> texts(FileFormat.JSON_ARRAY, "[1,\n{\"a\": 1,\n2]"))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessage("The element that begins on line 2 does not end");
    assertThatThrownBy(() -> texts(FileFormat.JSON_ARRAY, "[1,\n2"))
        .hasMessage("The element that begins on line 2 does not end");
    assertThatThrownBy(() -> texts(FileFormat.JSON_ARRAY, "[1]\n[2]"))
        .hasMessage("The file has something behind its array, on line 2");
    assertThatThrownBy(() -> texts(FileFormat.JSON_ARRAY, "["))
        .hasMessage("The element that begins on line 1 does not end");
  }

  // All

  private static String aFile(FileFormat format) {
    return switch (format) {
      case CSV -> "a,b\n\n\"c\nd\",e\r\nf,\"g\nh,i\nj";
      case JSON_LINES -> "{1}\n\n{2}\r\n{3}";
      case JSON_ARRAY -> "[ {1},\n{2\n}\n , 3,4\n]\n";
    };
  }

  @ParameterizedTest
  @EnumSource(FileFormat.class)
  void begunAgainWhereARecordEndedItGivesTheSameRest(FileFormat format) throws IOException {
    byte[] file = aFile(format).getBytes(UTF_8);
    List<Cut> all = cut(format, aFile(format));
    assertThat(all).hasSizeGreaterThan(2);

    for (int i = 0; i < all.size(); i++) {
      int position = (int) all.get(i).position();
      FileBytes rest =
          new FileBytes(
              new ByteArrayInputStream(file, position, file.length - position),
              position,
              all.get(i).lines());

      List<Cut> again = cut(format.cutter(rest, true), rest);

      List<Cut> expected = all.subList(i + 1, all.size());
      assertThat(again).usingRecursiveComparison().isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(FileFormat.class)
  void everyRecordHasAPositionOfItsOwn(FileFormat format) throws IOException {
    assertThat(cut(format, aFile(format)))
        .extracting(cut -> cut.record().position())
        .doesNotHaveDuplicates()
        .isSorted();
  }

  /** Gives the same bytes again and again, and few at a time. */
  private static InputStream endless(String unit, long times) {
    byte[] bytes = unit.getBytes(UTF_8);
    return new InputStream() {
      private long left = times * bytes.length;

      @Override
      public int read() {
        throw new UnsupportedOperationException();
      }

      @Override
      public int read(byte[] buffer, int offset, int length) {
        if (left == 0) {
          return -1;
        }
        int at = (int) ((times * bytes.length - left) % bytes.length);
        int n = Math.min(length, bytes.length - at);
        System.arraycopy(bytes, at, buffer, offset, n);
        left -= n;
        return n;
      }
    };
  }

  @ParameterizedTest
  @EnumSource(FileFormat.class)
  @Timeout(60)
  void aRecordOfManyMegabytesIsNotHeld(FileFormat format) throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    String begin = format == FileFormat.JSON_ARRAY ? "[\"" : "";
    FileBytes bytes =
        new FileBytes(
            new SequenceInputStream(
                new ByteArrayInputStream(begin.getBytes(UTF_8)),
                endless("x".repeat(65_536), 4_000)),
            0,
            0);
    RecordCutter cutter = format.cutter(bytes, false);

    if (format == FileFormat.JSON_ARRAY) {
      assertThatThrownBy(cutter::next).isInstanceOf(UnreadableFileException.class);
    } else {
      FileRecord record = cutter.next();
      assertThat(record).isNotNull();
      assertThat(cutter.next()).isNull();
      assertThat(bytes.position()).isEqualTo(65_536L * 4_000);
    }

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8_000_000);
  }

  @Test
  void bytesThatAreNoTextAreCarriedOnUntouched() throws IOException {
    byte[] file = new byte[512];
    new Random(1).nextBytes(file);
    for (int i = 0; i < file.length; i++) {
      file[i] = file[i] == '\n' || file[i] == '\r' ? 0 : file[i];
    }
    FileBytes bytes = new FileBytes(new ByteArrayInputStream(file), 0, 0);

    FileRecord record = new LineCutter(bytes).next();

    assertThat(record).isNotNull();
    assertThat(Arrays.equals(record.payload(), file)).isTrue();
  }
}
