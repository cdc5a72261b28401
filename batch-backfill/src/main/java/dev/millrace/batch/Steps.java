package dev.millrace.batch;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Supplier;

/** Tells what is being done, and how long it took. */
public final class Steps {

  private final PrintStream out;

  public Steps(PrintStream out) {
    this.out = out;
  }

  void run(String name, Runnable step) {
    get(
        name,
        () -> {
          step.run();
          return name;
        });
  }

  public <T> T get(String name, Supplier<T> step) {
    long start = System.nanoTime();
    out.printf(Locale.ROOT, "  %-44s ", name);
    out.flush();
    try {
      T result = step.get();
      out.printf(Locale.ROOT, "%6.1f s%n", (System.nanoTime() - start) / 1e9);
      return result;
    } catch (RuntimeException e) {
      out.println("failed");
      throw e;
    }
  }

  public void say(String line) {
    out.println(line);
  }
}
