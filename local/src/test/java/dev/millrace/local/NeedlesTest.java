package dev.millrace.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeedlesTest {

  private static final String EMAIL = "Ann+Müller@Hidden.example";
  private static final String PHONE = "+49151 2345/67";
  private static final String TEXT = "before " + EMAIL + " behind";

  private final Needles needles = new Needles(List.of(EMAIL, PHONE));

  @Test
  void aValueIsFoundAsItIsAndInAnyCase() {
    assertFound(TEXT.getBytes(UTF_8), EMAIL);
    assertFound(TEXT.toLowerCase(Locale.ROOT).getBytes(UTF_8), EMAIL);
    assertFound(TEXT.toUpperCase(Locale.ROOT).getBytes(UTF_8), EMAIL);
    assertFound((EMAIL + PHONE).getBytes(UTF_8), EMAIL);
    assertFound((EMAIL + PHONE).getBytes(UTF_8), PHONE);
  }

  @Test
  void inOtherCharacterSets() {
    assertFound(TEXT.getBytes(ISO_8859_1), EMAIL);
    assertFound(TEXT.getBytes(UTF_16BE), EMAIL);
    assertFound(TEXT.getBytes(UTF_16LE), EMAIL);
    assertFound(("x" + PHONE).toUpperCase(Locale.ROOT).getBytes(UTF_16LE), PHONE);
  }

  @Test
  void escapedForJson() throws JsonProcessingException {
    JsonMapper ascii = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    assertFound(ascii.writeValueAsBytes(TEXT), EMAIL);
    assertFound("Ann\\u002bM\\u00FCller\\u0040Hidden.example".getBytes(UTF_8), EMAIL);
    assertFound("+49151 2345\\/67".getBytes(UTF_8), PHONE);
    assertFound("\\\"+49151 2345/67\\\"".getBytes(UTF_8), PHONE);
    StringBuilder throughout = new StringBuilder();
    EMAIL.chars().forEach(c -> throughout.append(String.format("\\u%04X", c)));
    assertFound(throughout.toString().getBytes(UTF_8), EMAIL);
  }

  @Test
  void escapedForAUrlAndInHex() {
    assertFound(URLEncoder.encode(TEXT, UTF_8).getBytes(UTF_8), EMAIL);
    assertFound(URLEncoder.encode(PHONE, UTF_8).getBytes(UTF_8), PHONE);
    assertFound("%2B49151%202345%2f67".getBytes(UTF_8), PHONE);
    assertFound(HexFormat.of().formatHex(TEXT.getBytes(UTF_8)).getBytes(UTF_8), EMAIL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "xy", "xyz"})
  void inBase64WhereverItStands(String before) {
    for (String spelled : List.of(TEXT, TEXT.toLowerCase(Locale.ROOT))) {
      byte[] bytes = (before + spelled + before).getBytes(UTF_8);
      assertFound(Base64.getEncoder().encode(bytes), EMAIL);
      assertFound(Base64.getUrlEncoder().withoutPadding().encode(bytes), EMAIL);
    }
  }

  @Test
  void whatIsNotThereIsNotFound() {
    byte[] noise = new byte[1_000_000];
    new Random(1).nextBytes(noise);

    assertThat(needles.in(noise)).isEmpty();
    assertThat(needles.in(new byte[0])).isEmpty();
    assertThat(needles.in(EMAIL.substring(1).getBytes(UTF_8))).isEmpty();
    assertThat(needles.in(EMAIL.substring(0, EMAIL.length() - 1).getBytes(UTF_8))).isEmpty();
  }

  private void assertFound(byte[] bytes, String value) {
    assertThat(needles.in(bytes)).anyMatch(found -> found.startsWith(value));
  }
}
