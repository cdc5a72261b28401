package dev.millrace.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Trials of the sink, each under its seed, on one Kafka and one registry. */
final class SinkProof implements AutoCloseable {

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int INTERRUPTED = 130;
  private static final Duration DRAWN_EVERY = Duration.ofMillis(200);

  /**
   * What came of a seed.
   *
   * @param verdict null if it came to none
   */
  private record Outcome(
      FirePlan plan, @Nullable SinkVerdict verdict, long orphans, Duration time) {

    boolean isRight() {
      return verdict != null && verdict.isRight();
    }
  }

  private final Home home;
  private final Console console;
  private final List<? extends Disturbance> disturbances;
  private final List<AutoCloseable> running = new ArrayList<>();
  private boolean closed;

  SinkProof(Home home, Console console, List<? extends Disturbance> disturbances) {
    this.home = home;
    this.console = console;
    this.disturbances = disturbances;
  }

  /**
   * Tries these seeds, some at once; returns the exit code.
   *
   * @param disturbances what can happen
   * @throws CommandException if there is nothing to try them with
   */
  static int run(
      Home home,
      Console console,
      List<? extends Disturbance> disturbances,
      List<Long> seeds,
      int atOnce) {
    try (HomeClaim claim = HomeClaim.of(home, console)) {
      SinkProof proof = new SinkProof(home, console, disturbances);
      Thread atExit = new Thread(proof::interrupt, "stop");
      Runtime.getRuntime().addShutdownHook(atExit);
      try {
        return proof.of(seeds, atOnce);
      } catch (RuntimeException e) {
        proof.waitIfInterrupted();
        throw e;
      } finally {
        proof.close();
        remove(atExit);
      }
    }
  }

  private int of(List<Long> seeds, int atOnce) {
    List<FirePlan> plans = seeds.stream().map(seed -> FirePlan.of(seed, disturbances)).toList();
    plans.forEach(plan -> console.say("seed %d: %s".formatted(plan.seed(), plan)));
    Path plugins = plugins();
    console.say("Starting Kafka and the registry …");
    ProofServers servers = started(ProofServers.start(home));
    ExecutorService threads = Executors.newFixedThreadPool(atOnce, SinkProof::thread);
    List<Future<Outcome>> trials =
        plans.stream().map(plan -> threads.submit(() -> trial(plan, servers, plugins))).toList();
    threads.shutdown();
    List<Outcome> outcomes = trials.stream().map(this::outcome).toList();
    console.draw(List.of());
    console.say(table(outcomes));
    return outcomes.stream().allMatch(Outcome::isRight) ? OK : FAILED;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "trial");
    thread.setDaemon(true);
    return thread;
  }

  /** Waits for it, and draws until then how those stand that run. */
  private Outcome outcome(Future<Outcome> trial) {
    while (true) {
      try {
        return trial.get(DRAWN_EVERY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        console.draw(trials().stream().map(SinkTrial::progress).toList());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandException("Interrupted while the sink was tried", e);
      }
    }
  }

  private synchronized List<SinkTrial> trials() {
    return running.stream().filter(SinkTrial.class::isInstance).map(SinkTrial.class::cast).toList();
  }

  private Outcome trial(FirePlan plan, ProofServers servers, Path plugins) {
    waitIfInterrupted();
    SinkTrial trial = started(new SinkTrial(home, console, servers, plan, plugins));
    @Nullable SinkVerdict verdict = null;
    try {
      verdict = trial.run();
      verdict.examples().forEach(example -> console.say("  " + example));
    } catch (RuntimeException e) {
      waitIfInterrupted();
      if (!(e instanceof CommandException)) {
        throw e;
      }
      console.say("  seed %d: %s".formatted(plan.seed(), e.getMessage()));
    } finally {
      ended(trial);
    }
    Outcome outcome = new Outcome(plan, verdict, trial.orphans(), trial.age());
    if (outcome.isRight()) {
      trial.delete();
    } else {
      console.say("  seed %d: its tables stay in %s".formatted(plan.seed(), trial.lake()));
    }
    return outcome;
  }

  private String table(List<Outcome> outcomes) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        "  seed  records     rows  missing  twice  wrong  orphan files  seconds  what happened");
    for (Outcome outcome : outcomes) {
      lines.add(line(outcome));
    }
    lines.add("");
    long right = outcomes.stream().filter(Outcome::isRight).count();
    lines.add(
        "%d of %s right%s".formatted(right, Plural.of(outcomes.size(), "seed"), left(outcomes)));
    return String.join("\n", lines);
  }

  private static String line(Outcome outcome) {
    String happened =
        outcome.plan().steps().stream()
            .map(step -> step.disturbance().title())
            .collect(Collectors.joining(", "));
    SinkVerdict verdict = outcome.verdict();
    if (verdict == null) {
      return "  %4d  not landed; planned were %s".formatted(outcome.plan().seed(), happened);
    }
    return String.format(
        Locale.ROOT,
        "  %4d  %,7d  %,7d  %,7d  %,5d  %,5d  %,12d  %,7d  %s",
        outcome.plan().seed(),
        verdict.records(),
        verdict.rows(),
        verdict.missing(),
        verdict.twice(),
        verdict.wrong(),
        outcome.orphans(),
        outcome.time().toSeconds(),
        happened);
  }

  /** Few seeds don't have everything. */
  private String left(List<Outcome> outcomes) {
    Set<String> left =
        disturbances.stream()
            .map(Disturbance::title)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    outcomes.stream()
        .filter(outcome -> outcome.verdict() != null)
        .flatMap(outcome -> outcome.plan().steps().stream())
        .forEach(step -> left.remove(step.disturbance().title()));
    return left.isEmpty()
        ? "; all that can happen did"
        : "; what did not happen: " + String.join(", ", left);
  }

  /** The sink as it is built, and beside it the log store that can be told to fail. */
  private Path plugins() {
    Path plugins = home.work().resolve("plugins");
    Path sink = plugins.resolve("delta-sink");
    try {
      Files.createDirectories(sink);
      for (Path jar : home.sinkJars()) {
        Files.createSymbolicLink(sink.resolve(jar.getFileName()), jar);
      }
      Path faults = home.sinkFaults();
      Files.createSymbolicLink(sink.resolve(faults.getFileName()), faults);
      return plugins;
    } catch (IOException e) {
      throw new CommandException("Cannot make " + plugins, e);
    }
  }

  private synchronized <T extends AutoCloseable> T started(T part) {
    if (closed) {
      throw new CommandException("Nothing is started any more");
    }
    running.add(part);
    return part;
  }

  private void ended(SinkTrial trial) {
    trial.close();
    synchronized (this) {
      running.remove(trial);
    }
  }

  private void interrupt() {
    console.sayAndDrawNoMore("Stopping …");
    List<SinkTrial> cut = trials();
    close();
    cut.forEach(trial -> Home.delete(trial.folder()));
    console.say("Stopped.");
    Runtime.getRuntime().halt(INTERRUPTED);
  }

  /** Ends all that runs, the last first, and deletes what Kafka kept. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (int i = running.size() - 1; i >= 0; i--) {
      try {
        running.get(i).close();
      } catch (Exception e) {
        throw new CommandException("Cannot stop: " + e.getMessage(), e);
      }
    }
    Stream.of(Members.KAFKA, Members.REGISTRY, "plugins")
        .map(home.work()::resolve)
        .forEach(Home::delete);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void waitIfInterrupted() {
    if (isClosed()) {
      waitForTheEnd();
    }
  }

  private static void remove(Thread atExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException alreadyInterrupted) {
      waitForTheEnd();
    }
  }

  /** The other thread ends the JVM when all is stopped. */
  private static void waitForTheEnd() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
