package dev.millrace.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Ends the children of this JVM when the JVM ends, however it ends.
 *
 * <p>One small shell in a session of its own reads the ids of running children from its stdin. The
 * kernel closes that pipe even when the JVM is killed; then the shell stops whatever is left.
 */
final class Reaper {

  private static final String SCRIPT =
      """
      trap '' INT TERM HUP
      children=
      while read -r line; do
        case $line in
          +*) children="$children ${line#+}" ;;
          -*) rest=
              for pid in $children; do [ "$pid" = "${line#-}" ] || rest="$rest $pid"; done
              children=$rest ;;
        esac
      done

      signal() { for pid in $children; do kill -s "$1" "$pid"; done; }
      alive() { for pid in $children; do kill -0 "$pid" && return 0; done; return 1; }

      signal TERM
      signal CONT  # a suspended child takes no TERM
      tenths=50
      while alive && [ $tenths -gt 0 ]; do sleep 0.1; tenths=$((tenths - 1)); done
      signal KILL
      """;

  private final OutputStream stdin;

  private Reaper(OutputStream stdin) {
    this.stdin = stdin;
  }

  /** From now on the child does not outlive this JVM. */
  static void watch(Process child) {
    Reaper reaper = OfThisJvm.REAPER;
    reaper.tell("+" + child.pid());
    // Nobody is left to hear if this fails; then the reaper has ended and forgets the child anyway.
    CompletableFuture<Void> unused = child.onExit().thenRun(() -> reaper.tell("-" + child.pid()));
  }

  private static Reaper start() {
    List<String> command = new ArrayList<>(Session.prefix());
    command.addAll(List.of("sh", "-c", SCRIPT, "millrace-reaper"));
    try {
      // Output is discarded, because an inherited pipe would stay open after the JVM's death.
      Process shell =
          new ProcessBuilder(command)
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
      return new Reaper(shell.getOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot start the shell that ends child processes with this JVM; is there an sh on the PATH?",
          e);
    }
  }

  private synchronized void tell(String line) {
    try {
      stdin.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      stdin.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot tell the reaper about "
              + line
              + ": it has ended, and children would outlive this JVM; restart the JVM",
          e);
    }
  }

  /** Started with the first child. */
  private static final class OfThisJvm {
    static final Reaper REAPER = start();
  }
}
