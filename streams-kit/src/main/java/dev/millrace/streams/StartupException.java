package dev.millrace.streams;

/** The process can't start as it is; says what is wrong and what to do. */
public final class StartupException extends RuntimeException {

  private final String action;

  public StartupException(String description, String action) {
    super(description);
    this.action = action;
  }

  public StartupException(String description, String action, Throwable cause) {
    super(description, cause);
    this.action = action;
  }

  String action() {
    return action;
  }
}
