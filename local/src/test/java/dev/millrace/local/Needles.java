package dev.millrace.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Values that bytes are searched for: as text in either case and in several character sets, escaped
 * for JSON or for a URL, as hexadecimal digits and as base64 in each place it can have in a longer
 * text. What is compressed or encrypted is not seen through.
 */
final class Needles {

  /** A value in one form, in lower case. */
  private record Needle(String value, String form, byte[] bytes) {}

  /** By so many first bytes a needle is found, whatever the number of needles; none is shorter. */
  private static final int PREFIX = Long.BYTES;

  private static final int FILTER_BITS = 1 << 20;

  private final Map<Long, List<Needle>> byPrefix = new HashMap<>();
  private final boolean[] filter = new boolean[FILTER_BITS];

  /**
   * @param values each of at least ten characters
   */
  Needles(Collection<String> values) {
    for (String value : new LinkedHashSet<>(values)) {
      addText(value, "", value);
      addText(value, " escaped for a URL", value.replace(' ', '+'));
      addText(value, " in hex", HexFormat.of().formatHex(value.getBytes(UTF_8)));
      for (String spelled :
          List.of(value, value.toLowerCase(Locale.ROOT), value.toUpperCase(Locale.ROOT))) {
        addBase64(value, spelled.getBytes(UTF_8));
      }
    }
  }

  private void addText(String value, String form, String text) {
    // Other letters than a to z have another byte in upper case.
    for (String spelled : List.of(text, text.toUpperCase(Locale.ROOT))) {
      add(value, form, spelled.getBytes(UTF_8));
      add(value, form + " in ISO 8859-1", spelled.getBytes(ISO_8859_1));
      add(value, form + " in UTF-16, the high byte first", spelled.getBytes(UTF_16BE));
      add(value, form + " in UTF-16, the low byte first", spelled.getBytes(UTF_16LE));
    }
  }

  private void addBase64(String value, byte[] bytes) {
    for (int before = 0; before < 3; before++) {
      int skip = (3 - before) % 3;
      int whole = (bytes.length - skip) / 3 * 3;
      byte[] inner = Arrays.copyOfRange(bytes, skip, skip + whole);
      add(value, " in base64", Base64.getEncoder().encode(inner));
      add(value, " in base64", Base64.getUrlEncoder().encode(inner));
    }
  }

  private void add(String value, String form, byte[] bytes) {
    byte[] lower = bytes.clone();
    for (int i = 0; i < lower.length; i++) {
      lower[i] = lower(lower[i]);
    }
    long prefix = 0;
    for (int i = 0; i < PREFIX; i++) {
      prefix = prefix << Byte.SIZE | lower[i] & 0xff;
    }
    filter[bit(prefix)] = true;
    byPrefix.computeIfAbsent(prefix, p -> new ArrayList<>()).add(new Needle(value, form, lower));
  }

  private static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
  }

  private static int bit(long prefix) {
    return (int) (prefix * 0x9e3779b97f4a7c15L >>> 44);
  }

  /** The values that the bytes hold, each with a form in which it was found. */
  Set<String> in(byte[] bytes) {
    Map<String, String> forms = new TreeMap<>();
    find(bytes, "", forms);
    find(unescaped(bytes), " escaped", forms);
    Set<String> found = new TreeSet<>();
    forms.forEach((value, form) -> found.add(value + form));
    return found;
  }

  private void find(byte[] bytes, String how, Map<String, String> forms) {
    long window = 0;
    for (int end = 1; end <= bytes.length; end++) {
      window = window << Byte.SIZE | lower(bytes[end - 1]) & 0xff;
      if (filter[bit(window)] && end >= PREFIX) {
        for (Needle needle : byPrefix.getOrDefault(window, List.of())) {
          if (startsAt(bytes, end - PREFIX, needle.bytes())) {
            forms.putIfAbsent(needle.value(), needle.form() + how);
          }
        }
      }
    }
  }

  /** What JSON escapes by a backslash, and a URL by a percent sign, as it was before. */
  private static byte[] unescaped(byte[] bytes) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int unicode = bytes[i] == '\\' && at(bytes, i + 1) == 'u' ? hex(bytes, i + 2, 4) : -1;
      int percent = bytes[i] == '%' ? hex(bytes, i + 1, 2) : -1;
      if (unicode >= 0) {
        plain.writeBytes(Character.toString(unicode).getBytes(UTF_8));
        i += 5;
      } else if (percent >= 0) {
        plain.write(percent);
        i += 2;
      } else if (bytes[i] != '\\') {
        plain.write(bytes[i]);
      }
    }
    return plain.toByteArray();
  }

  private static int at(byte[] bytes, int index) {
    return index < bytes.length ? bytes[index] : -1;
  }

  /** The number that these digits are; negative if they are none. */
  private static int hex(byte[] bytes, int start, int digits) {
    int number = 0;
    for (int i = start; i < start + digits; i++) {
      int digit = Character.digit(at(bytes, i), 16);
      if (digit < 0) {
        return -1;
      }
      number = number << 4 | digit;
    }
    return number;
  }

  private static boolean startsAt(byte[] bytes, int start, byte[] needle) {
    if (start + needle.length > bytes.length) {
      return false;
    }
    for (int i = PREFIX; i < needle.length; i++) {
      if (lower(bytes[start + i]) != needle[i]) {
        return false;
      }
    }
    return true;
  }
}
