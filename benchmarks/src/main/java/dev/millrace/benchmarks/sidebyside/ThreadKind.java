package dev.millrace.benchmarks.sidebyside;

import java.util.Locale;

/** What a thread of a JVM is for, told by the first fifteen characters of its name. */
enum ThreadKind {
  /** Decides: reads, folds, hands to the producer. */
  STREAM,
  /** Sends batches and reads the answers. */
  PRODUCER,
  GARBAGE,
  COMPILER,
  /** Carries scores to Redis. */
  PROJECTION,
  OTHER;

  private static final int LONGEST = 15;

  /**
   * @param process name of the service, which its stream threads are named after
   * @param thread as the system has it, cut
   */
  static ThreadKind of(String process, String thread) {
    if (thread.startsWith("kafka-producer-")) {
      return PRODUCER;
    }
    if (thread.startsWith("GC Thread")
        || thread.startsWith("G1 ")
        || thread.startsWith("VM Thread")) {
      return GARBAGE;
    }
    if (thread.startsWith("C1 Compiler") || thread.startsWith("C2 Compiler")) {
      return COMPILER;
    }
    if (thread.startsWith("scoreProjection") || thread.startsWith("lettuce-")) {
      return PROJECTION;
    }
    return thread.startsWith(process.substring(0, Math.min(LONGEST, process.length())))
        ? STREAM
        : OTHER;
  }

  String label() {
    return switch (this) {
      case STREAM -> "stream threads";
      case PRODUCER -> "producer network threads";
      case GARBAGE -> "garbage collection";
      case COMPILER -> "JIT compilation";
      case PROJECTION -> "projection to Redis";
      case OTHER -> name().toLowerCase(Locale.ROOT);
    };
  }
}
