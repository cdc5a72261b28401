package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a mistake leaves behind. */
class MillraceTest {

  private final Logger log = (Logger) LoggerFactory.getLogger(Millrace.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Level level = log.getLevel();

  @BeforeEach
  void listen() {
    logged.start();
    log.addAppender(logged);
    log.setAdditive(false);
    log.setLevel(Level.ALL);
  }

  @AfterEach
  void listenNoMore() {
    log.detachAppender(logged);
    log.setAdditive(true);
    log.setLevel(level);
  }

  @Test
  void aMistakeOfTheUserIsToldAndNotLogged(@TempDir Path work) {
    Cli status = Cli.run(Homes.in(work), "status");

    assertThat(status.err()).startsWith("millrace: No stack is running here").hasLineCount(1);
    assertThat(logged.list).isEmpty();
  }

  @Test
  void startedWithoutTheScriptItSaysSoInOneLine() {
    String home = System.clearProperty(Home.ROOT_PROPERTY);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try {
      int exitCode =
          Millrace.run(
              new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), "status");

      assertThat(exitCode).isEqualTo(1);
      assertThat(err.toString(UTF_8))
          .startsWith("millrace: ")
          .contains("./millrace")
          .hasLineCount(1);
      assertThat(logged.list).isEmpty();
    } finally {
      System.setProperty(Home.ROOT_PROPERTY, home);
    }
  }
}
