package dev.millrace.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a file is named by: its content, as it was sent. */
final class Sha256 {

  private static final int BUFFER = 65_536;

  private Sha256() {}

  static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256; this one has not", e);
    }
  }

  /** As {@code sha256sum} prints it. */
  static String of(InputStream file) throws IOException {
    MessageDigest sha256 = start();
    byte[] buffer = new byte[BUFFER];
    for (int n = file.read(buffer); n >= 0; n = file.read(buffer)) {
      sha256.update(buffer, 0, n);
    }
    return HexFormat.of().formatHex(sha256.digest());
  }
}
