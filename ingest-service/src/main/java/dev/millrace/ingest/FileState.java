package dev.millrace.ingest;

import java.util.Locale;

/** Where a file is on its way. The names, in lower case, are published: add, never rename. */
enum FileState {
  /** In the landing folder; nothing of it was taken. Never on the topic. */
  WAITING,
  TAKING,
  DONE,
  FAILED;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
