package dev.millrace.local;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the user sees: lines that stay and, below them, lines that are drawn over and over. Where
 * the output is no terminal, the latter become a line now and then.
 */
final class Console {

  private static final Duration PLAIN_PACE = Duration.ofSeconds(5);

  private final PrintStream out;
  private final boolean terminal;
  private boolean drawing = true;
  private int drawn;
  private long lastPlain = System.nanoTime();
  private String lastText = "";

  Console(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Prints lines that stay, above what is drawn. */
  synchronized void say(String text) {
    print(wiped() + text + "\n");
  }

  /** Prints lines that stay; from now on nothing is drawn any more. */
  synchronized void sayAndDrawNoMore(String text) {
    say(text);
    drawing = false;
  }

  /** Replaces what was drawn before. */
  synchronized void draw(List<String> lines) {
    if (!drawing) {
      return;
    }
    if (terminal) {
      print(wiped() + lines.stream().map(line -> line + "\n").collect(Collectors.joining()));
      drawn = lines.size();
    } else {
      drawPlainly(lines.stream().map(String::strip).collect(Collectors.joining("; ")));
    }
  }

  private void drawPlainly(String text) {
    long now = System.nanoTime();
    if (now - lastPlain >= PLAIN_PACE.toNanos() && !text.isEmpty() && !text.equals(lastText)) {
      print(text + "\n");
      lastPlain = now;
      lastText = text;
    }
  }

  /** What takes the drawing away: up to its first line, and clear to the end of the screen. */
  private String wiped() {
    String wipe = drawn == 0 ? "" : "\u001b[" + drawn + "A\r\u001b[J";
    drawn = 0;
    return wipe;
  }

  private void print(String text) {
    out.print(text);
    out.flush();
  }
}
