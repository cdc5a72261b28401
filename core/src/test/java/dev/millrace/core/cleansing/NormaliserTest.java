package dev.millrace.core.cleansing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Reason;
import dev.millrace.core.cleansing.Normaliser.NotNormalException;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormaliserTest {

  private static final Normaliser TRIM = new Normaliser.Trim();
  private static final Normaliser LOWER = new Normaliser.LowerCase();
  private static final Normaliser UPPER = new Normaliser.UpperCase();
  private static final Normaliser NFC = new Normaliser.Composed();
  private static final Normaliser EMAIL = new Normaliser.Email();
  private static final Normaliser PHONE = new Normaliser.Phone("DE");
  private static final Normaliser DATE = new Normaliser.UtcTime(ZoneId.of("Europe/Berlin"));

  private static void assertRefused(Normaliser by, String text, Reason reason) {
    assertThatThrownBy(() -> by.apply(text))
        .as("%.80s", text)
        .isInstanceOfSatisfying(
            NotNormalException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(reason);
              assertThat(refusal.what()).startsWith("is n");
            });
  }

  @Test
  void trimTakesEveryKindOfWhiteSpaceFromTheEndsOnly() throws NotNormalException {
    assertThat(TRIM.apply(" \t\r\n\u00a0\u2007\u202f\u3000\u2028\u0085 a b\u00a0c \u2003\u00a0"))
        .isEqualTo("a b\u00a0c");
    assertThat(TRIM.apply("\u00a0 ")).isEmpty();
    assertThat(TRIM.apply("")).isEmpty();
    assertThat(TRIM.apply(" 😀 ")).isEqualTo("😀");
  }

  @Test
  void caseFollowsNoLanguage() throws NotNormalException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      assertThat(LOWER.apply("TITLE ÄÖ ΑΣ")).isEqualTo("title äö ας");
      assertThat(UPPER.apply("title straße")).isEqualTo("TITLE STRASSE");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void composedLettersAreOneHoweverTheyWereTyped() throws NotNormalException {
    assertThat(NFC.apply("Jose\u0301")).isEqualTo("Jos\u00e9");
    assertThat(NFC.apply("한")).isEqualTo("한");
    // Compatible is not equal: a ligature stays one.
    assertThat(NFC.apply("ﬁ")).isEqualTo("ﬁ");
  }

  // E-mail

  @ParameterizedTest
  @CsvSource({
    "a@example.org, a@example.org",
    "Ann.Other+shop@EXAMPLE.Org, Ann.Other+shop@example.org",
    "o'hara!#$%&*/=?^_`{|}~-@example.co.uk, o'hara!#$%&*/=?^_`{|}~-@example.co.uk",
    "josé@bücher.example, josé@bücher.example",
    "用户@例子.广告, 用户@例子.广告",
    "अजय@डाटा.भारत, अजय@डाटा.भारत",
    "ผู้ใช้@ตัวอย่าง.ไทย, ผู้ใช้@ตัวอย่าง.ไทย",
    "اختبار@مثال.إختبار, اختبار@مثال.إختبار",
    "a@xn--bcher-kva.example, a@xn--bcher-kva.example",
    "a@b.xn--p1ai, a@b.xn--p1ai",
    "1@2.example, 1@2.example"
  })
  void anAddressKeepsItsLocalPartAndLowersItsDomain(String sent, String normal)
      throws NotNormalException {
    assertThat(EMAIL.apply(sent)).isEqualTo(normal);
  }

  static Stream<String> noAddresses() {
    return Stream.of(
        "",
        "@",
        "a",
        "a@",
        "@example.org",
        "a@example",
        "a@@example.org",
        "a b@example.org",
        "a@exam ple.org",
        " a@example.org",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "a@.org",
        "a@example..org",
        "a@example.org.",
        "a@-example.org",
        "a@example-.org",
        "a@example.o",
        "a@192.168.0.10",
        "a@[192.168.0.10]",
        "\"a b\"@example.org",
        "a@example.org, b@example.org",
        "a@example.org\n",
        "a\u0000@example.org",
        "a@example.123",
        "a@" + "d".repeat(64) + ".org",
        "l".repeat(65) + "@example.org",
        "a@" + "d.".repeat(130) + "org");
  }

  @ParameterizedTest
  @MethodSource("noAddresses")
  void whatIsNoAddressIsRefused(String text) {
    assertRefused(EMAIL, text, Reason.INVALID_EMAIL);
  }

  @Test
  void anAddressMayBeAsLongAsMailAllows() throws NotNormalException {
    String local = "l".repeat(64);
    String domain = ("d".repeat(59) + ".").repeat(3) + "example";

    assertThat(EMAIL.apply(local + "@" + domain)).isEqualTo(local + "@" + domain);
    assertThat(EMAIL.apply("a@" + "d".repeat(63) + ".org")).startsWith("a@ddd");
  }

  // Phone

  @ParameterizedTest
  @CsvSource({
    "030 901820, +4930901820",
    "+49 (0)30 / 90 18-20, +4930901820",
    "0049 30 901820, +4930901820",
    "+1 650 253 0000, +16502530000",
    "０３０ ９０１８２０, +4930901820",
    "٠٣٠ ٩٠١٨٢٠, +4930901820",
    "030 901820 ext. 5, +4930901820",
    "tel:+49-30-901820, +4930901820"
  })
  void aNumberIsWrittenAsTheWholeWorldDials(String sent, String normal) throws NotNormalException {
    assertThat(PHONE.apply(sent)).isEqualTo(normal);
  }

  @Test
  void theRegionIsThatOfNumbersWithoutTheirOwn() throws NotNormalException {
    assertThat(new Normaliser.Phone("US").apply("650 253 0000")).isEqualTo("+16502530000");
    assertThat(new Normaliser.Phone("CH").apply("044 668 18 00")).isEqualTo("+41446681800");
    assertThat(Normaliser.Phone.regions()).contains("DE", "US").doesNotContain("XX", "de");
    assertThatThrownBy(() -> new Normaliser.Phone("XX"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No phone numbers are known of region XX; write a country such as DE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "110 110", "+49", "+999 123456", "phone", "030", "+49 1", "----"})
  void aNumberThatNobodyCanHaveIsRefused(String text) {
    assertRefused(PHONE, text, Reason.INVALID_PHONE);
  }

  // Date and time

  @ParameterizedTest
  @CsvSource({
    "2026-03-01, 2026-03-01",
    "2026-03-01T12:00:00+01:00, 2026-03-01T11:00:00Z",
    "2026-03-01 12:00:00+01:00, 2026-03-01T11:00:00Z",
    "2026-03-01T12:00:00Z, 2026-03-01T12:00:00Z",
    "2026-03-01t12:00z, 2026-03-01T12:00:00Z",
    "2026-03-01T12:00:00.123456789Z, 2026-03-01T12:00:00.123456789Z",
    "2026-03-01T12:00, 2026-03-01T11:00:00Z",
    "2026-07-01T12:00, 2026-07-01T10:00:00Z",
    "2026-03-01T12:00:00+01:00[Europe/Berlin], 2026-03-01T11:00:00Z",
    // The hour that a summer does not have, and the one that an autumn has twice.
    "2026-03-29T02:30:00, 2026-03-29T01:30:00Z",
    "2026-10-25T02:30:00, 2026-10-25T00:30:00Z",
    "2024-02-29, 2024-02-29"
  })
  void aTimeIsWrittenInUtcAndADateStaysOne(String sent, String normal) throws NotNormalException {
    assertThat(DATE.apply(sent)).isEqualTo(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "2026-02-29",
        "2026-13-01",
        "01.03.2026",
        "03/01/2026",
        "20260301",
        "2026-3-1",
        "２０２６-03-01",
        "2026-03-01T25:00:00Z",
        "2026-03-01T12:00:00+99:00",
        "2026-03-01T12:00:60Z",
        "1772366400",
        "+999999999999-01-01T00:00:00Z"
      })
  void whatIsNoIsoTimeIsRefused(String text) {
    assertRefused(DATE, text, Reason.INVALID_DATE);
  }

  @Test
  void theEdgesOfTheCalendarAreTimesToo() throws NotNormalException {
    assertThat(DATE.apply("-999999999-01-01T00:00:00+18:00")).startsWith("-");
    assertThat(DATE.apply("+999999999-12-31T23:59:59-18:00")).startsWith("+1000000000-01-01");
  }

  // All of them

  static Stream<Normaliser> all() {
    return Stream.of(TRIM, LOWER, UPPER, NFC, EMAIL, PHONE, DATE);
  }

  @ParameterizedTest
  @MethodSource("all")
  @Timeout(2)
  void aLongTextTakesNoLongTime(Normaliser normaliser) {
    List<String> units =
        List.of(
            "a", " ", ".", "@", "a.", "a@", "-", "0", "+", "(", "é", "e\u0301", "\u0301", "😀",
            "\u202e", "ﷺ", "\ud800", "\u0000", "2026-", "T", ";ext=");
    for (String unit : units) {
      String text = unit.repeat(10_000 / unit.length());
      for (String around :
          List.of(text, text + "@example.org", "a@" + text + ".org", "030" + text)) {
        try {
          assertThat(normaliser.apply(around)).isNotNull();
        } catch (NotNormalException e) {
          assertThat(e.what()).hasSizeLessThan(100);
        }
      }
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  /** What is in normal form stays as it is: a second contract must not change the first one's. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aNormalFormIsItsOwnNormalForm(long seed) {
    Random random = new Random(seed);
    String alphabet = "aZ0 .@-_+é\u0301ßİſﬁ한\u05d0\u0660\u00a0\t:T😀";
    int[] characters = alphabet.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(30); i > 0; i--) {
      text.appendCodePoint(characters[random.nextInt(characters.length)]);
    }
    all()
        .forEach(
            normaliser -> {
              try {
                String once = normaliser.apply(text.toString());
                assertThat(normaliser.apply(once))
                    .as("seed %d, %s", seed, normaliser)
                    .isEqualTo(once);
              } catch (NotNormalException e) {
                assertThat(e.what()).isNotBlank();
              }
            });
  }

  /** The definition as two patterns, without the short way for plain addresses. */
  private static boolean isAddress(String text) {
    String atom = "[\\pL\\pM\\pN!#$%&'*+/=?^_`{|}~-]+";
    String label = "[\\pL\\pN]([\\pL\\pM\\pN-]{0,61}[\\pL\\pM\\pN])?";
    String top = "\\pL[\\pL\\pM\\pN-]{0,61}[\\pL\\pM\\pN]";
    int at = text.lastIndexOf('@');
    return at >= 1
        && at <= 64
        && text.length() <= 254
        && text.substring(0, at).matches(atom + "(\\." + atom + ")*")
        && text.substring(at + 1).toLowerCase(Locale.ROOT).matches("(" + label + "\\.)+" + top);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anAddressIsOneByItsDefinitionHoweverPlainItIs(long seed) throws NotNormalException {
    Random random = new Random(seed);
    String alphabet = "aZ09bc....--@\u00e9_";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(12); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      if (random.nextInt(3) > 0) {
        text.insert(random.nextInt(text.length() + 1), "@");
        text.append(random.nextBoolean() ? ".de" : "x".repeat(random.nextInt(70)));
      }
      boolean accepted;
      try {
        new Normaliser.Email().apply(text.toString());
        accepted = true;
      } catch (NotNormalException e) {
        accepted = false;
      }

      assertThat(accepted).as("seed %d: %s", seed, text).isEqualTo(isAddress(text.toString()));
    }
  }
}
