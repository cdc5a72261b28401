package dev.millrace.core.cleansing;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import com.google.re2j.Pattern;
import dev.millrace.core.Memo;
import dev.millrace.core.Reason;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings a text into the one form in which equal things are equal. */
public sealed interface Normaliser {

  /** A text that has no such form; the message names no value. */
  final class NotNormalException extends Exception {
    private final Reason reason;

    NotNormalException(Reason reason, String message) {
      super(message, null, false, false);
      this.reason = reason;
    }

    Reason reason() {
      return reason;
    }

    String what() {
      return String.valueOf(getMessage());
    }
  }

  /** The text in its normal form. */
  String apply(String text) throws NotNormalException;

  /** White space at both ends goes, no-break spaces too: they come with whatever is copied. */
  record Trim() implements Normaliser {

    private static final char NEXT_LINE = 0x85;

    @Override
    public String apply(String text) {
      int from = 0;
      int to = text.length();
      // None of these characters is one half of a pair.
      while (from < to && isWhite(text.charAt(from))) {
        from++;
      }
      while (to > from && isWhite(text.charAt(to - 1))) {
        to--;
      }
      return text.substring(from, to);
    }

    private static boolean isWhite(char c) {
      return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == NEXT_LINE;
    }
  }

  record LowerCase() implements Normaliser {
    @Override
    public String apply(String text) {
      return text.toLowerCase(Locale.ROOT);
    }
  }

  record UpperCase() implements Normaliser {
    @Override
    public String apply(String text) {
      return text.toUpperCase(Locale.ROOT);
    }
  }

  /** Unicode's composed form, so that é is one character however it was typed. */
  record Composed() implements Normaliser {
    @Override
    public String apply(String text) {
      return Normalizer.normalize(text, Normalizer.Form.NFC);
    }
  }

  /**
   * One mailbox as RFC 5321 bounds it, without quoted local parts, comments and address literals.
   * The domain becomes lower case; the local part belongs to its owner and stays.
   */
  record Email() implements Normaliser {

    private static final int LONGEST = 254;
    private static final int LONGEST_LOCAL_PART = 64;
    // Marks, pM, are the vowels of many scripts. No top-level domain begins with a digit, so an
    // address of four numbers is no domain.
    private static final Pattern LOCAL_PART =
        Pattern.compile(
            "[\\pL\\pM\\pN!#$%&'*+/=?^_`{|}~-]+(\\.[\\pL\\pM\\pN!#$%&'*+/=?^_`{|}~-]+)*");
    private static final Pattern DOMAIN =
        Pattern.compile(
            "([\\pL\\pN]([\\pL\\pM\\pN-]{0,61}[\\pL\\pM\\pN])?\\.)+\\pL[\\pL\\pM\\pN-]{0,61}[\\pL\\pM\\pN]");

    @Override
    public String apply(String text) throws NotNormalException {
      int at = text.lastIndexOf('@');
      if (at < 1 || at > LONGEST_LOCAL_PART || text.length() > LONGEST) {
        throw new NotNormalException(Reason.INVALID_EMAIL, "is no e-mail address");
      }
      String local = text.substring(0, at);
      String domain = text.substring(at + 1).toLowerCase(Locale.ROOT);
      if (!(isPlainLocalPart(local) || LOCAL_PART.matches(local))
          || !(isPlainDomain(domain) || DOMAIN.matches(domain))) {
        throw new NotNormalException(Reason.INVALID_EMAIL, "is no e-mail address");
      }
      return local + "@" + domain;
    }

    /** Whether it is a local part of nothing but ASCII letters and digits with dots between. */
    private static boolean isPlainLocalPart(String text) {
      boolean open = true;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '.' ? open : !isPlain(c)) {
          return false;
        }
        open = c == '.';
      }
      return !open;
    }

    /**
     * Whether it is a domain of nothing but ASCII letters and digits in labels of a usual length.
     */
    private static boolean isPlainDomain(String text) {
      int last = text.lastIndexOf('.');
      int label = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        label = c == '.' ? 0 : label + 1;
        if (label > 63 || (c == '.' ? i == 0 || text.charAt(i - 1) == '.' : !isPlain(c))) {
          return false;
        }
      }
      return last > 0 && label >= 2 && text.charAt(last + 1) > '9';
    }

    private static boolean isPlain(char c) {
      return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }
  }

  /**
   * A phone number in E.164, such as +4930901820; E.164 has no extensions, so one that is given
   * goes.
   */
  final class Phone implements Normaliser {

    private static final int LONGEST = 250;

    private final String region;
    private final Memo<String> numbers = new Memo<>();

    /**
     * @param region ISO 3166 country of numbers that do not say their own
     */
    public Phone(String region) {
      if (!regions().contains(region)) {
        throw new IllegalArgumentException(
            "No phone numbers are known of region " + region + "; write a country such as DE");
      }
      this.region = region;
    }

    /** Every region that may be given. */
    public static Set<String> regions() {
      return PhoneNumberUtil.getInstance().getSupportedRegions();
    }

    @Override
    public String apply(String text) throws NotNormalException {
      String known = numbers.find(text);
      if (known == null) {
        known = number(text);
        numbers.put(text, known);
      }
      return known;
    }

    private String number(String text) throws NotNormalException {
      if (text.length() > LONGEST) {
        throw new NotNormalException(Reason.INVALID_PHONE, "is no phone number");
      }
      try {
        PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
        PhoneNumber number = phones.parse(text, region);
        if (phones.isValidNumber(number)) {
          return phones.format(number, PhoneNumberFormat.E164);
        }
      } catch (NumberParseException e) {
        // said below, as for a number that nobody can have
      }
      throw new NotNormalException(Reason.INVALID_PHONE, "is no phone number that can be dialled");
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Phone that && region.equals(that.region);
    }

    @Override
    public int hashCode() {
      return region.hashCode();
    }
  }

  /**
   * An ISO 8601 date or time in UTC: 2026-03-01 stays a date, and a time becomes
   * 2026-03-01T11:00:00Z.
   *
   * @param zone of times that have no offset
   */
  record UtcTime(ZoneId zone) implements Normaliser {
    @Override
    public String apply(String text) throws NotNormalException {
      try {
        if (text.length() == 10) {
          return LocalDate.parse(text).toString();
        }
        TemporalAccessor time =
            DateTimeFormatter.ISO_DATE_TIME.parseBest(
                text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from);
        return time instanceof OffsetDateTime offset
            ? offset.toInstant().toString()
            : ((LocalDateTime) time).atZone(zone).toInstant().toString();
      } catch (DateTimeException e) {
        throw new NotNormalException(Reason.INVALID_DATE, "is neither an ISO 8601 date nor a time");
      }
    }
  }
}
