package dev.millrace.batch;

import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.DeclarationException;
import dev.millrace.schemas.PiiKeys.PiiKeyException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What went wrong, in words. */
final class Trouble {

  /** Say by themselves what is wrong, why and what to do. */
  private static final List<Class<? extends Throwable>> OURS =
      List.of(
          BatchException.class,
          UnknownActivationException.class,
          ArtifactException.class,
          PiiKeyException.class,
          DeclarationException.class,
          UnreadableStateException.class);

  /**
   * What a failure of Spark, Delta or the file system is known by, somewhere among its causes.
   *
   * @param sign in the class or the message of a cause, in lower case
   */
  private record Known(String sign, String remedy) {}

  private static final List<Known> KNOWN =
      List.of(
          new Known(
              "invalidprotocolversion",
              "The table needs a newer Delta than this program has. Read it with a newer Millrace, or have its writers keep to protocol 1/2."),
          new Known(
              "unsupportedtablefeature",
              "The table uses a feature of Delta that this program does not know. Read it with a newer Millrace, or have its writers leave it out."),
          new Known(
              "is not a parquet file",
              "A file of the table is damaged. Restore it, or land its records again: nothing was written."),
          new Known(
              "cannot_read_file",
              "A file of the table can't be read. Restore it, or land its records again: nothing was written."),
          new Known(
              "failed_read_file",
              "A file of the table can't be read. Restore it, or land its records again: nothing was written."),
          new Known(
              "no space left on device",
              "The disk is full. Make room where Spark keeps its files (SPARK_LOCAL_DIRS) and where the lake is, and run the command again: what was finished is kept."),
          new Known(
              "authorizationfailure",
              "The storage account refuses access. Check the key or the identity, and its role on the container."),
          new Known(
              "authenticationfailed",
              "The storage account refuses the key. Check fs.azure.account.key, or the identity."));

  private Trouble() {}

  static String told(Throwable thrown) {
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      for (Class<? extends Throwable> ours : OURS) {
        if (ours.isInstance(cause)) {
          return String.valueOf(cause.getMessage());
        }
      }
    }
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String said =
          (cause.getClass().getName() + " " + cause.getMessage()).toLowerCase(Locale.ROOT);
      for (Known known : KNOWN) {
        if (said.contains(known.sign())) {
          return known.remedy() + " It says: " + firstLine(cause);
        }
      }
    }
    return firstLine(thrown);
  }

  private static String firstLine(Throwable cause) {
    return String.valueOf(cause.getMessage() == null ? cause : cause.getMessage())
        .lines()
        .findFirst()
        .orElse(cause.getClass().getName());
  }
}
