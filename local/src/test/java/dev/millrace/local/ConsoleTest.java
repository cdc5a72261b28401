package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Console console(boolean terminal) {
    return new Console(new PrintStream(out, true, UTF_8), terminal);
  }

  @Test
  void drawsOverWhatItDrewAndKeepsWhatItSaid() {
    Console console = console(true);
    console.draw(List.of("a", "b"));
    console.draw(List.of("c"));
    console.say("kept");
    console.draw(List.of("d"));

    assertThat(out.toString(UTF_8))
        .isEqualTo("a\nb\n\u001b[2A\r\u001b[Jc\n\u001b[1A\r\u001b[Jkept\nd\n");
  }

  @Test
  void drawsNoMoreAfterTheEnd() {
    Console console = console(true);
    console.sayAndDrawNoMore("end");
    console.draw(List.of("a"));

    assertThat(out.toString(UTF_8)).isEqualTo("end\n");
  }

  @Test
  void printsNoControlCharactersWhereThereIsNoTerminal() {
    Console console = console(false);
    console.draw(List.of("a", "b"));
    console.say("kept");

    assertThat(out.toString(UTF_8)).isEqualTo("kept\n");
  }
}
