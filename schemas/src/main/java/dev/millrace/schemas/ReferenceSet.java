package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The values that a field may refer to, such as the ids of all products: a text, one a line. */
public final class ReferenceSet {

  private static final int MOST_BYTES = 64 * 1024 * 1024;
  private static final int MOST_VALUES = 2_000_000;

  /** No text of an event is longer, so a longer value would be no use. */
  private static final int LONGEST_VALUE = 8_192;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Set<String> values;

  private ReferenceSet(Set<String> values) {
    this.values = values;
  }

  /**
   * Reads the text; a byte order mark at its begin, blank lines and white space around a value do
   * not count.
   *
   * @throws DeclarationException if it is no text in UTF-8, holds no value, or more or longer ones
   *     than can be kept
   */
  public static ReferenceSet of(String file, byte[] text) {
    if (text.length > MOST_BYTES) {
      throw problem(file, 0, "has %,d bytes; %,d are allowed".formatted(text.length, MOST_BYTES));
    }
    try (BufferedReader lines = lines(text)) {
      Set<String> values = new HashSet<>();
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        String value = value(file, number, line);
        if (!value.isEmpty() && values.add(value) && values.size() > MOST_VALUES) {
          throw problem(file, number, "holds more than %,d values".formatted(MOST_VALUES));
        }
      }
      if (values.isEmpty()) {
        throw problem(file, 0, "holds no value; write one a line");
      }
      return new ReferenceSet(Set.copyOf(values));
    } catch (CharacterCodingException e) {
      throw problem(file, 0, "is not in UTF-8; convert it");
    } catch (IOException e) {
      throw new UncheckedIOException("Reading from memory does not fail", e);
    }
  }

  private static BufferedReader lines(byte[] text) {
    // A decoder of our own, because a reader's default puts question marks for what it can't read.
    return new BufferedReader(
        new InputStreamReader(new ByteArrayInputStream(text), UTF_8.newDecoder()));
  }

  private static String value(String file, int number, String line) {
    boolean marked = number == 1 && !line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK;
    String value = (marked ? line.substring(1) : line).strip();
    if (value.length() > LONGEST_VALUE) {
      throw problem(file, number, "is longer than %,d characters".formatted(LONGEST_VALUE));
    }
    if (value.indexOf('\0') >= 0 || value.indexOf(BYTE_ORDER_MARK) >= 0) {
      throw problem(
          file, number, "holds a NUL or a byte order mark; write one value a line, in UTF-8");
    }
    return value;
  }

  public boolean contains(String value) {
    return values.contains(value);
  }

  public int size() {
    return values.size();
  }

  /** The artifact: equal sets are equal bytes, whatever the order of their lines was. */
  public byte[] canonical() {
    return (String.join("\n", new TreeSet<>(values)) + "\n").getBytes(UTF_8);
  }

  private static DeclarationException problem(String file, int line, String message) {
    return new DeclarationException(List.of(new DeclarationException.Problem(file, line, message)));
  }
}
