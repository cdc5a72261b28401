package dev.millrace.batch;

import java.io.PrintStream;
import java.util.Locale;

/** Tells what is being done, and how long it took. */
final class Steps {

  private final PrintStream out;

  Steps(PrintStream out) {
    this.out = out;
  }

  void run(String name, Runnable step) {
    long start = System.nanoTime();
    out.printf(Locale.ROOT, "  %-32s ", name);
    out.flush();
    step.run();
    out.printf(Locale.ROOT, "%6.1f s%n", (System.nanoTime() - start) / 1e9);
  }

  void say(String line) {
    out.println(line);
  }
}
