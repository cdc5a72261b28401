package dev.millrace.local;

import dev.millrace.local.Publisher.Published;
import dev.millrace.local.generator.GeneratedEvent;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.SourceMapping;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events and watches until every one of them has come out. Nobody else publishes
 * meanwhile.
 */
final class Demo {

  /**
   * What happened.
   *
   * @param landed what the lake has of all that ever came out
   * @param scoreSet what {@link TopicCounts#scoreSet()} says
   * @param aScoredUser somebody to look at; empty if nobody has a score
   */
  record Outcome(
      Summary summary,
      Counts counts,
      Published published,
      Landed landed,
      String scoreSet,
      Optional<String> aScoredUser) {

    /** Also where nothing particular was expected; the lake must hold what came out. */
    boolean isAsExpected() {
      Truth.@Nullable Verdict truth = summary.truth();
      return (truth == null || truth.isAsExpected()) && landed.isWhole();
    }

    String report() {
      return Report.of(summary, counts, published, landed);
    }
  }

  /** The source mapping that reads generated events. */
  static final String GENERATED_SOURCE = "default";

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration READING_TIMEOUT = Duration.ofMinutes(10);

  private final Stack stack;
  private final Console console;
  private final long startedAt;
  private final Duration patience;
  private final Kills kills;
  private final AtomicLong sent = new AtomicLong();

  /**
   * @param startedAt epoch millis from which times are counted
   * @param patience how long nothing may come out before the demo is given up
   * @param kills services that are killed meanwhile
   */
  Demo(Stack stack, Console console, long startedAt, Duration patience, Kills kills) {
    this.kills = kills;
    this.stack = stack;
    this.console = console;
    this.startedAt = startedAt;
    this.patience = patience;
  }

  /**
   * Returns when everything has come out.
   *
   * @throws CommandException if nothing moves any more, with what is missing
   */
  Outcome run(Iterator<byte[]> lines, String source) {
    try (TopicCounts counts = topicCounts()) {
      Published published = publish(counts, lines, source, (event, partition, offset) -> {});
      return outcome(counts, published, null);
    }
  }

  /**
   * As the other, and compares what became of each event with what had to.
   *
   * @throws CommandException if nothing moves any more, with what is missing
   */
  Outcome run(Iterator<GeneratedEvent> generated) {
    Truth truth = new Truth();
    try (TopicCounts counts = topicCounts();
        Trace trace = new Trace(stack.bootstrapServers(), stack.registry())) {
      Published published =
          publish(counts, truth.lines(generated), GENERATED_SOURCE, trace::published);
      trace.await(
          patience,
          progress ->
              console.draw(
                  List.of(
                      text(
                          "  compared     %,10d of %,d",
                          progress.sorted(), progress.published()))));
      console.draw(List.of());
      trace.forEach(truth::found);
      return outcome(counts, published, truth.verdict());
    }
  }

  private TopicCounts topicCounts() {
    return TopicCounts.fromNowOn(stack.bootstrapServers(), stack.registry());
  }

  private Published publish(
      TopicCounts counts,
      Iterator<byte[]> lines,
      String source,
      Publisher.Acknowledged acknowledged) {
    SourceMapping mapping =
        ActiveSource.find(
            source,
            ActivationLog.read(stack.bootstrapServers(), stack.registry()),
            stack.artifactStore());
    try (Producer<byte[], byte[]> producer = Publisher.producer(stack.bootstrapServers())) {
      Publisher publisher = new Publisher(producer, new EventReader(), mapping, acknowledged);
      CompletableFuture<Published> publishing =
          CompletableFuture.supplyAsync(() -> publisher.publish(kills.paced(lines), sent::set));
      return watch(counts, publishing);
    } finally {
      kills.letFlow();
      console.draw(List.of());
    }
  }

  private Published watch(TopicCounts topics, CompletableFuture<Published> publishing) {
    long seenSent = 0;
    long lastMove = System.nanoTime();
    while (true) {
      boolean moved = topics.poll(POLL) || sent.get() != seenSent || kills.isRestarting();
      seenSent = sent.get();
      Counts counts = topics.counts();
      console.draw(progress(counts));
      if (stack.failure().isDone()) {
        throw new CommandException(stack.failure().join());
      }
      kills.out(counts.out(stack.models()));
      if (publishing.isDone()) {
        Published published = published(publishing);
        boolean through = counts.missing(published.events(), stack.models()).isEmpty();
        if (kills.areDone(through) && through) {
          return published;
        }
      }
      if (moved) {
        lastMove = System.nanoTime();
      } else if (System.nanoTime() - lastMove > patience.toNanos()) {
        throw stuck(counts);
      }
    }
  }

  private static Published published(CompletableFuture<Published> publishing) {
    try {
      return publishing.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandException("Publishing failed: " + cause.getMessage(), cause);
    }
  }

  private CommandException stuck(Counts counts) {
    return new CommandException(
        "Nothing has come out of the pipeline for %d s, and it is not done: %s. The logs in %s say why."
            .formatted(
                patience.toSeconds(),
                String.join("; ", counts.missing(sent.get(), stack.models())),
                stack.home().logs()));
  }

  private List<String> progress(Counts counts) {
    return List.of(
        text("  published    %,10d", sent.get()),
        text("  raw          %,10d", counts.raw()),
        text(
            "  clean        %,10d   duplicate %,d   quarantined %,d",
            counts.clean(), counts.duplicates(), counts.quarantinedBy(Counts.CLEANSING)),
        text("  features     %,10d", counts.features()),
        text("  scores       %,10d   users %,d", counts.scores(), counts.usersScored()));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Waits until the lake has everything that is on the topics, and compares the two. */
  private Landed landed() {
    try (TopicCounts topics =
            TopicCounts.of(Lake.TOPICS, stack.bootstrapServers(), stack.registry());
        Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      if (!topics.readToEnd(READING_TIMEOUT)) {
        throw new CommandException(
            "The topics could not be read to their ends in %d min"
                .formatted(READING_TIMEOUT.toMinutes()));
      }
      awaitLanded(admin, topics.ends());
      return new Landed(new Lake(stack.home()).rows(), topics.counts().landed());
    } finally {
      console.draw(List.of());
    }
  }

  private void awaitLanded(Admin admin, Map<TopicPartition, Long> ends) {
    Connectors connectors = stack.connectors();
    long seen = 0;
    long lastMove = System.nanoTime();
    while (true) {
      long landed = Lake.landed(admin, connectors.names(), ends);
      console.draw(List.of(text("  in the lake  %,10d of %,d partitions", landed, ends.size())));
      connectors.failures().values().stream().findFirst().ifPresent(Demo::fail);
      if (stack.failure().isDone()) {
        fail(stack.failure().join());
      }
      if (landed == ends.size()) {
        return;
      }
      if (landed != seen) {
        lastMove = System.nanoTime();
      } else if (System.nanoTime() - lastMove > patience.toNanos()) {
        fail(
            "Only %d of %d partitions have come to the lake, and nothing for %d s. %s says why."
                .formatted(
                    landed, ends.size(), patience.toSeconds(), stack.home().log(Members.CONNECT)));
      }
      seen = landed;
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private static void fail(String message) {
    throw new CommandException(message);
  }

  private Outcome outcome(TopicCounts topics, Published published, Truth.@Nullable Verdict truth) {
    long now = System.currentTimeMillis();
    OptionalLong firstScoreAt = topics.firstScoreAt();
    Landed landed = landed();
    Summary summary =
        Summary.of(
            published.events(),
            topics.counts(),
            firstScoreAt.isEmpty() ? null : firstScoreAt.getAsLong() - startedAt,
            now - startedAt,
            stack.description().ports(),
            landed.rows(),
            truth);
    return new Outcome(
        summary, topics.counts(), published, landed, topics.scoreSet(), topics.aScoredUser());
  }
}
