package dev.millrace.core.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PiiKeyTest {

  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);

  private final PiiKey key = new PiiKey("k1", SECRET);

  /** {@code printf 'value:a@example.org' | openssl dgst -sha256 -hmac "$SECRET"}, 16 bytes. */
  @Test
  void aTokenIsTheHmacThatAnyToolComputes() {
    assertThat(key.token("a@example.org")).isEqualTo("tok_k1_4ab69d4d7cd3f5f9a2270d53d5aa02bc");
    assertThat(key.token("josé")).isEqualTo("tok_k1_f0db225a3d2e5023e936cf62c4714062");
  }

  /** {@code printf 'check:k1' | openssl dgst -sha256 -hmac "$SECRET"}, 8 bytes. */
  @Test
  void theCheckIsTheHmacOfTheKeysNameAndNoTokenOfAValue() {
    assertThat(key.check()).isEqualTo("6b7bc650b2d661de");
    assertThat(key.token("k1")).doesNotContain(key.check());
  }

  @Test
  void equalValuesHaveEqualTokensAndOthersOthers() {
    assertThat(key.token("a")).isEqualTo(new PiiKey("k1", SECRET.clone()).token("a"));
    assertThat(key.token("a")).isNotEqualTo(key.token("b")).isNotEqualTo(key.token("A"));
    assertThat(key.token("")).matches("tok_k1_[0-9a-f]{32}");
  }

  @Test
  void anotherSecretOrAnotherNameHasAnotherCheck() {
    byte[] other = SECRET.clone();
    other[31]++;

    assertThat(new PiiKey("k1", other).check()).isNotEqualTo(key.check());
    assertThat(new PiiKey("k2", SECRET).check()).isNotEqualTo(key.check());
    assertThat(new PiiKey("k1", other).token("a")).isNotEqualTo(key.token("a"));
  }

  @Test
  void aSecretOfLessThan32BytesIsRefused() {
    assertThatThrownBy(() -> new PiiKey("k1", new byte[31]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The key k1 has 31 bytes and needs 32");
  }
}
