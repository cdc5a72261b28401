package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The values that a field may refer to, such as the ids of all products: a text, one a line. */
public final class ReferenceSet {

  private final Set<String> values;

  private ReferenceSet(Set<String> values) {
    this.values = values;
  }

  /**
   * Reads the text; blank lines and white space around a value do not count.
   *
   * @throws DeclarationException if it is not UTF-8 or holds no value
   */
  public static ReferenceSet of(String file, byte[] text) {
    try {
      Set<String> values =
          UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(text))
              .toString()
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .collect(Collectors.toUnmodifiableSet());
      if (values.isEmpty()) {
        throw problem(file, "holds no value; write one a line");
      }
      return new ReferenceSet(values);
    } catch (CharacterCodingException e) {
      throw problem(file, "is not in UTF-8; convert it");
    }
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

  private static DeclarationException problem(String file, String message) {
    return new DeclarationException(List.of(new DeclarationException.Problem(file, 0, message)));
  }
}
