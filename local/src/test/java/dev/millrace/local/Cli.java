package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * A command that was run in this JVM.
 *
 * @param out what it said
 * @param err what it complained about
 */
record Cli(int exitCode, String out, String err) {

  static Cli run(Home home, String... args) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, UTF_8);
    StringWriter err = new StringWriter();
    int exitCode =
        Millrace.commandLine(home, new Console(out, false))
            .setOut(new PrintWriter(out, true, UTF_8))
            .setErr(new PrintWriter(err, true))
            .execute(args);
    return new Cli(exitCode, said.toString(UTF_8), err.toString());
  }
}
