package dev.millrace.local;

import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/**
 * Workers with the sink, of which something befalls one after the other, while records are written;
 * then the tables are compared with the topics. What can happen works with the parts.
 */
final class SinkTrial implements AutoCloseable {

  private final Home home;
  private final Console console;
  private final ProofServers servers;
  private final FirePlan plan;
  private final String name;
  private final Path folder;
  private final MessageCodec<RawEventMessage> codec;
  private final Patience patience;
  private final FaultOrders orders;
  private final SinkWorkers workers;
  private final TrialTopics topics;
  private final SinkTasks tasks;
  private final TrialLanding landing;
  private final List<CommittedTopic> ended = new ArrayList<>();
  private final long start = System.nanoTime();
  private volatile @Nullable TrialWriter writer;
  private volatile String now = "starting";

  /**
   * Starts nothing yet.
   *
   * @param plugins where the sink is, with the log store that can be told to fail
   */
  SinkTrial(Home home, Console console, ProofServers servers, FirePlan plan, Path plugins) {
    this.home = home;
    this.console = console;
    this.servers = servers;
    this.plan = plan;
    this.name = "prove-" + plan.seed();
    this.folder = home.work().resolve(name);
    this.codec = MessageCodec.registered(servers.registry(), Topics.RAW);
    this.patience = new Patience(home.logs(), this::requireWell);
    Path faults = folder.resolve("faults");
    this.orders = new FaultOrders(faults);
    this.workers = new SinkWorkers(home, servers, name, folder, plugins, faults);
    this.topics =
        new TrialTopics(
            servers, codec, List.of(name + ".a", name + ".b"), plan.partitions(), patience);
    TrialConnector connector = new TrialConnector(name, folder.resolve("connector.json"));
    this.tasks = new SinkTasks(servers.admin(), workers, connector, topics, patience);
    this.landing = new TrialLanding(servers.admin(), connector.group(), topics, lake());
  }

  /** Where all is that it keeps. */
  Path folder() {
    return folder;
  }

  /** Where its tables are. */
  Path lake() {
    return folder.resolve("lake");
  }

  FaultOrders orders() {
    return orders;
  }

  Patience patience() {
    return patience;
  }

  SinkWorkers workers() {
    return workers;
  }

  SinkTasks tasks() {
    return tasks;
  }

  TrialTopics topics() {
    return topics;
  }

  TrialLanding landing() {
    return landing;
  }

  /** Runs Spark's commands over the tables. */
  Batch batch() {
    return new Batch(home, lake());
  }

  Path log(String process) {
    return home.log(name + "-" + process);
  }

  /**
   * @throws IllegalStateException before something is written
   */
  TrialWriter writer() {
    if (writer == null) {
      throw new IllegalStateException("Nothing is written yet");
    }
    return writer;
  }

  /** Has a topic compared that is there no more. */
  void ended(CommittedTopic topic) {
    ended.add(topic);
  }

  /**
   * Everything that is planned, one after the other, and the comparison.
   *
   * @throws CommandException if the sink does not come to the end of the topics
   */
  SinkVerdict run() {
    begin();
    Random random = new Random(~plan.seed());
    for (FirePlan.Step step : plan.steps()) {
      now = step.disturbance().title();
      if (step.settled()) {
        tasks.settle();
      }
      patience.pause(step.pause());
      step.disturbance().happen(this, random);
    }
    now = "landing the rest";
    tasks.settle();
    return compare();
  }

  private void begin() {
    orders.createFolder();
    topics.names().forEach(topics::create);
    List<SinkWorker> first =
        IntStream.range(0, plan.workers()).mapToObj(i -> workers.start()).toList();
    first.forEach(SinkWorker::awaitReady);
    tasks.create(home);
    writer =
        new TrialWriter(
            servers.bootstrapServers(),
            codec,
            name,
            topics.names(),
            plan.partitions(),
            plan.seed());
    tasks.settle();
  }

  private SinkVerdict compare() {
    writer().close();
    writer().requireWell();
    List<CommittedTopic> all = new ArrayList<>(ended);
    for (String topic : topics.names()) {
      CommittedTopic committed = topics.committed(topic, true);
      patience.await(topic + " is landed", () -> landing.reaches(committed.ends()));
      all.add(committed);
    }
    workers.close();
    now = "comparing";
    try {
      return SinkVerdict.of(all, rows());
    } catch (IOException e) {
      throw new CommandException("Cannot read what the tables have", e);
    }
  }

  private Path rows() {
    Path rows = folder.resolve("rows.json");
    LakeProcess.run(
        home,
        log("lake"),
        "TableRecords",
        lake(),
        Stream.concat(Stream.of(rows.toString()), topics.tables().stream()).toList());
    return rows;
  }

  private void requireWell() {
    if (writer != null) {
      writer.requireWell();
    }
    for (SinkWorker worker : workers.awake()) {
      Collection<String> failures = worker.connectors().failures().values();
      if (!failures.isEmpty()) {
        throw new CommandException(String.join("\n", failures));
      }
    }
  }

  /** Parquet files that no commit names. */
  long orphans() {
    long orphans = 0;
    try {
      for (String table : topics.tables()) {
        orphans += Orphans.count(lake().resolve(table));
      }
    } catch (IOException e) {
      throw new CommandException("Cannot look through " + lake(), e);
    }
    return orphans;
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** What it wrote is of no more use. */
  void delete() {
    Admin admin = servers.admin();
    Set<String> ours =
        KafkaTopics.answer("list its topics", admin.listTopics().names()).stream()
            .filter(topic -> topic.startsWith(name + ".") || topic.startsWith(name + "-"))
            .collect(Collectors.toSet());
    KafkaTopics.answer("delete " + ours, admin.deleteTopics(ours).all());
    Home.delete(folder);
  }

  /** Ends all that runs, at once. */
  @Override
  public void close() {
    patience.end();
    workers.close();
    if (writer != null) {
      writer.close();
    }
  }

  /** How it stands, in a line. */
  String progress() {
    @Nullable TrialWriter writing = writer;
    return String.format(
        Locale.ROOT,
        "  seed %d  %d s  %s  %s",
        plan.seed(),
        age().toSeconds(),
        Plural.of(writing == null ? 0 : writing.committed(), "record"),
        now);
  }

  /** Tells what has happened. */
  void say(String what) {
    console.say(
        String.format(
            Locale.ROOT, "  seed %d  %5.1f s  %s", plan.seed(), age().toMillis() / 1e3, what));
  }
}
