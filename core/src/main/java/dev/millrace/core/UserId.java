package dev.millrace.core;

import java.text.Normalizer;

/**
 * How a user's id is written: without white space around it, in Unicode's composed form; case
 * stays.
 */
public final class UserId {

  private UserId() {}

  /** The one spelling under which a user is kept and found. */
  public static String canonical(String sent) {
    return Normalizer.normalize(sent.strip(), Normalizer.Form.NFC);
  }
}
