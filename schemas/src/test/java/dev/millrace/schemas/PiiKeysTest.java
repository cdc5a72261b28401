package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.cleansing.PiiKey;
import dev.millrace.core.cleansing.PiiKeyName;
import dev.millrace.schemas.PiiKeys.PiiKeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PiiKeysTest {

  private static final String SECRET = "a secret of thirty-two characters";

  @TempDir private Path folder;
  private PiiKeys keys;
  private PiiKeyName named;

  @BeforeEach
  void nameAKey() {
    keys = new PiiKeys(folder);
    named = new PiiKeyName("spring", new PiiKey("spring", SECRET.getBytes()).check());
  }

  private void write(String secret) throws IOException {
    Files.writeString(folder.resolve("spring"), secret);
  }

  private void assertRefused(String... why) {
    assertThatThrownBy(() -> keys.find(named))
        .isInstanceOf(PiiKeyException.class)
        .hasMessageContaining(folder.resolve("spring").toString())
        .hasMessageContainingAll(why)
        .hasMessageNotContaining("secret");
  }

  @Test
  void theKeyOfAFileMakesTheSameTokensWithALineBreakAtItsEndOrWithout() throws IOException {
    write(SECRET);
    String token = keys.find(named).token("v");
    write(SECRET + "\r\n");

    assertThat(token).matches("tok_spring_[0-9a-f]{32}");
    assertThat(new PiiKeys(folder).find(named).token("v")).isEqualTo(token);
  }

  @Test
  void aKeyThatIsMissingIsToldWithItsPlaceAndFoundWhenItIsThere() throws IOException {
    assertRefused("is not at", "Put it there, or correct millrace.cleansing.pii-keys");
    write(SECRET);

    assertThat(keys.find(named)).isNotNull();
  }

  @Test
  void aKeyThatIsTooShortIsRefused() throws IOException {
    write(SECRET.substring(0, 31) + "\n");
    assertRefused("31 bytes", "needs 32");
    write("");
    assertRefused("0 bytes");
  }

  @Test
  void anotherKeyIsRefusedBecauseItWouldMakeOtherTokens() throws IOException {
    write(SECRET.replace('a', 'b'));

    assertRefused("is not the one that the contract names", named.check());
  }

  @Test
  void aFolderInPlaceOfAKeyIsRefused() throws IOException {
    Files.createDirectory(folder.resolve("spring"));

    assertRefused("is not at");
  }
}
