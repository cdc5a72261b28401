package dev.millrace.batch;

import org.jspecify.annotations.Nullable;

/** What went wrong, in words. */
final class Trouble {

  private Trouble() {}

  static String told(Throwable thrown) {
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchException || cause instanceof UnknownActivationException) {
        return String.valueOf(cause.getMessage());
      }
    }
    return String.valueOf(thrown);
  }
}
