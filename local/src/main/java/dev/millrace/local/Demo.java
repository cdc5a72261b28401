package dev.millrace.local;

import dev.millrace.local.Publisher.Published;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.SourceMapping;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.Producer;

/** Publishes events into a fresh stack and watches until every one of them has come out. */
final class Demo {

  /**
   * What happened.
   *
   * @param scoreSet what {@link TopicCounts#scoreSet()} says
   * @param aScoredUser somebody to look at; empty if nobody has a score
   */
  record Outcome(
      Summary summary,
      Counts counts,
      Published published,
      String scoreSet,
      Optional<String> aScoredUser) {

    String report() {
      return Report.of(summary, counts, published);
    }
  }

  private static final Duration POLL = Duration.ofMillis(200);

  private final Stack stack;
  private final Console console;
  private final long startedAt;
  private final Duration patience;
  private final AtomicLong sent = new AtomicLong();

  /**
   * @param startedAt epoch millis from which times are counted
   * @param patience how long nothing may come out before the demo is given up
   */
  Demo(Stack stack, Console console, long startedAt, Duration patience) {
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
    SchemaRegistry registry = stack.registry();
    SourceMapping mapping =
        ActiveSource.find(
            source, ActivationLog.read(stack.bootstrapServers(), registry), stack.artifactStore());
    try (TopicCounts counts = new TopicCounts(stack.bootstrapServers(), registry);
        Producer<byte[], byte[]> producer = Publisher.producer(stack.bootstrapServers())) {
      Publisher publisher = new Publisher(producer, new EventReader(), mapping);
      CompletableFuture<Published> publishing =
          CompletableFuture.supplyAsync(() -> publisher.publish(lines, sent::set));
      Published published = watch(counts, publishing);
      console.draw(List.of());
      return outcome(counts, published);
    }
  }

  private Published watch(TopicCounts topics, CompletableFuture<Published> publishing) {
    long seenSent = 0;
    long lastMove = System.nanoTime();
    while (true) {
      boolean moved = topics.poll(POLL) || sent.get() != seenSent;
      seenSent = sent.get();
      Counts counts = topics.counts();
      console.draw(progress(counts));
      if (stack.failure().isDone()) {
        throw new CommandException(stack.failure().join());
      }
      if (publishing.isDone()) {
        Published published = published(publishing);
        if (counts.missing(published.events(), stack.models()).isEmpty()) {
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

  private Outcome outcome(TopicCounts topics, Published published) {
    long now = System.currentTimeMillis();
    OptionalLong firstScoreAt = topics.firstScoreAt();
    Summary summary =
        Summary.of(
            published.events(),
            topics.counts(),
            firstScoreAt.isEmpty() ? null : firstScoreAt.getAsLong() - startedAt,
            now - startedAt,
            stack.description().ports());
    return new Outcome(
        summary, topics.counts(), published, topics.scoreSet(), topics.aScoredUser());
  }
}
