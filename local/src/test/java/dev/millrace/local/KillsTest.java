package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KillsTest {

  private static final List<Service> TWO = List.of(Service.INGEST, Service.SCORING);

  /** Restarts when the test says so. */
  private static final class Pipeline implements Kills.Target {
    private final Queue<Service> killed = new ConcurrentLinkedQueue<>();
    private volatile CompletableFuture<Void> start = new CompletableFuture<>();

    @Override
    public void kill(Service service) {
      start = new CompletableFuture<>();
      killed.add(service);
    }

    @Override
    public void restart(Service service) {
      start.join();
    }
  }

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Console console =
      new Console(new PrintStream(said, true, StandardCharsets.UTF_8), false);
  private final Pipeline pipeline = new Pipeline();
  private final Kills kills = new Kills(pipeline, console, TWO);
  private final AtomicInteger taken = new AtomicInteger();

  private Thread take(int lines) {
    Iterator<byte[]> paced =
        kills.paced(Stream.generate(() -> new byte[1]).limit(lines).iterator());
    Thread publisher =
        new Thread(
            () -> {
              while (paced.hasNext()) {
                paced.next();
                taken.incrementAndGet();
              }
            });
    publisher.setDaemon(true);
    publisher.start();
    return publisher;
  }

  private void restarted(long out) {
    pipeline.start.complete(null);
    await()
        .until(
            () -> {
              kills.out(out);
              return !kills.isRestarting();
            });
  }

  @Test
  void killsOneServiceAfterTheOtherEachWhenTheOneBeforeIsBackAndEventsFlowAgain() {
    kills.out(Kills.BETWEEN - 1);
    assertThat(pipeline.killed).isEmpty();

    kills.out(Kills.BETWEEN);
    kills.out(10L * Kills.BETWEEN);
    assertThat(pipeline.killed).containsExactly(Service.INGEST);

    restarted(10L * Kills.BETWEEN);
    kills.out(11L * Kills.BETWEEN - 1);
    assertThat(pipeline.killed).containsExactly(Service.INGEST);

    kills.out(11L * Kills.BETWEEN);
    assertThat(pipeline.killed).containsExactlyElementsOf(TWO);
    assertThat(kills.areDone(false)).isFalse();

    restarted(11L * Kills.BETWEEN);
    assertThat(kills.areDone(true)).isTrue();
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("ingest-service", "scoring-service", "kill -9", "500 events through");
  }

  @Test
  void letsOnlyFewEventsBeUnderWayUntilAllAreBackAndThenAny() throws Exception {
    Thread publisher = take(100_000);
    await().untilAsserted(() -> assertThat(taken).hasValue(Kills.UNDER_WAY));

    kills.out(Kills.BETWEEN);
    await().untilAsserted(() -> assertThat(taken).hasValue(Kills.UNDER_WAY + Kills.BETWEEN));

    restarted(Kills.BETWEEN);
    kills.out(2L * Kills.BETWEEN);
    restarted(2L * Kills.BETWEEN);
    publisher.join();
    assertThat(taken).hasValue(100_000);
  }

  @Test
  void withoutServicesToKillNothingWaits() {
    Kills none = new Kills(pipeline, console, List.of());
    Iterator<byte[]> paced =
        none.paced(Stream.generate(() -> new byte[1]).limit(Kills.UNDER_WAY * 3L).iterator());

    paced.forEachRemaining(line -> taken.incrementAndGet());
    none.out(Kills.UNDER_WAY * 3L);

    assertThat(taken).hasValue(Kills.UNDER_WAY * 3);
    assertThat(none.areDone(true)).isTrue();
    assertThat(pipeline.killed).isEmpty();
  }

  @Test
  void saysSoWhenAllEventsWereThroughTooEarly() {
    kills.out(Kills.BETWEEN);
    assertThat(kills.areDone(true)).isFalse();
    restarted(Kills.BETWEEN);

    assertThatThrownBy(() -> kills.areDone(true))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("Only 1 of 2 services could be killed before all events were through")
        .hasMessageContaining("Publish more");
  }

  @Test
  void aServiceThatDoesNotComeBackIsTold() {
    kills.out(Kills.BETWEEN);
    pipeline.start.completeExceptionally(new CommandException("its port is taken"));

    assertThatThrownBy(() -> restarted(Kills.BETWEEN))
        .isInstanceOf(CommandException.class)
        .hasMessage("A service that was killed did not start again: its port is taken");
  }
}
