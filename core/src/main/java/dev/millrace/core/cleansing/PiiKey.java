package dev.millrace.core.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.Memo;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A secret that turns values into tokens, HMAC-SHA256 of RFC 2104: the same value gives the same
 * token, and without the key nobody can try values.
 *
 * <p>Safe for several threads.
 */
public final class PiiKey {

  private static final int SHORTEST = 32;
  private static final int TOKEN_BYTES = 16;
  private static final int CHECK_BYTES = 8;

  private final String id;
  private final Mac mac;
  private final Memo<String> tokens = new Memo<>();

  /**
   * @param secret at least 32 bytes
   */
  public PiiKey(String id, byte[] secret) {
    if (secret.length < SHORTEST) {
      throw new IllegalArgumentException(
          "The key %s has %d bytes and needs %d".formatted(id, secret.length, SHORTEST));
    }
    this.id = id;
    try {
      this.mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform has HmacSHA256; this one has not", e);
    }
  }

  /** Stands for the value, such as {@code tok_local_3f2a…}. */
  public String token(String value) {
    String known = tokens.find(value);
    if (known == null) {
      known = "tok_" + id + "_" + hex("value:" + value, TOKEN_BYTES);
      tokens.put(value, known);
    }
    return known;
  }

  /** Tells this key from others and gives nothing away. */
  public String check() {
    return hex("check:" + id, CHECK_BYTES);
  }

  private String hex(String text, int bytes) {
    try {
      Mac own = (Mac) mac.clone();
      return HexFormat.of().formatHex(own.doFinal(text.getBytes(UTF_8)), 0, bytes);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("HmacSHA256 of this Java platform can't be cloned", e);
    }
  }
}
