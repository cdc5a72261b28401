package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.local.generator.GeneratedEvents;
import dev.millrace.local.generator.Plan;
import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.errors.TopicExistsException;
import org.junit.jupiter.api.Test;

/**
 * One raw log, processed twice: with one thread, and from its beginning with four and a kill -9 in
 * the middle. What comes of it has the same digests.
 */
class ReplayDigestIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration OFTEN = Duration.ofMillis(20);
  private static final int EVENTS = 12_000;

  private static final List<Service> REPLAYED = List.of(Service.CLEANSING, Service.FEATURES);

  private static final List<Topics.Topic> DERIVED =
      List.of(Topics.CLEAN, Topics.DUPLICATES, Topics.QUARANTINED, Topics.FEATURES);

  private static final String FOUR_THREADS =
      "--spring.cloud.stream.kafka.streams.binder.configuration.num.stream.threads=4";

  private final Console console = new Console(System.out, false);

  @Test
  void theSameRawLogGivesTheSameDigestsWithFourThreadsAndKilledInTheMiddle() throws Exception {
    Home home = Homes.in(Path.of("target", "replay").toAbsolutePath());
    try (Stack stack = Stack.claim(home, console)) {
      stack.start();
      Kills none = new Kills(stack, console, List.of());
      Demo.Outcome first =
          new Demo(stack, console, System.currentTimeMillis(), PATIENCE, none)
              .run(new GeneratedEvents(Plan.of(5, "replayed-", EVENTS / 10, EVENTS)));
      assertThat(first.isAsExpected()).isTrue();
      Map<String, String> once = digests(home);

      Map<Service, List<String>> commands = new LinkedHashMap<>();
      for (Service service : REPLAYED) {
        commands.put(service, commandOf(stack, service));
      }
      stack.kill(Service.SCORING);
      REPLAYED.forEach(stack::kill);
      forget(stack);
      List<ChildProcess> replaying = new ArrayList<>();
      try {
        commands.forEach((service, command) -> replaying.add(start(home, service, command)));
        killInTheMiddle(stack, replaying, first.counts().in(Topics.FEATURES));
        commands.forEach((service, command) -> replaying.add(start(home, service, command)));
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofSeconds(1))
            .until(() -> areAsMany(stack, first.counts()));

        assertThat(digests(home)).isEqualTo(once);
        for (Service service : REPLAYED) {
          assertThat(Files.readString(home.log(service.moduleName())))
              .contains("Started 4 stream threads");
        }
      } finally {
        replaying.forEach(ChildProcess::close);
      }
      // Says that no process has ended but those that were killed here.
      assertThat(stack.failure()).isNotDone();
    }
  }

  /** What an operator reads. */
  private static Map<String, String> digests(Home home) {
    Map<String, String> digests = new TreeMap<>();
    for (Topics.Topic topic : DERIVED) {
      Cli digest = Cli.run(home, "digest", topic.name());
      assertThat(digest.exitCode()).as(digest.err()).isZero();
      String told = digest.out().lines().reduce("", (progress, last) -> last);
      assertThat(told)
          .startsWith(topic.name())
          .matches("\\S+  [1-9][0-9,]* records?  sha256 [0-9a-f]{64}");
      digests.put(topic.name(), told);
      System.out.println(told);
    }
    return digests;
  }

  /** As it runs now, and with four threads. */
  private static List<String> commandOf(Stack stack, Service service) throws IOException {
    StackFile.Part part = stack.description().part(service.moduleName()).orElseThrow();
    Path arguments = Path.of("/proc", Long.toString(part.process().pid()), "cmdline");
    List<String> command = new ArrayList<>(List.of(Files.readString(arguments).split("\0")));
    command.add(FOUR_THREADS);
    return command;
  }

  private static ChildProcess start(Home home, Service service, List<String> command) {
    return ChildProcess.start(service.moduleName(), home.log(service.moduleName()), command);
  }

  /** All that the first run left but the raw log and the activations. */
  private static void forget(Stack stack) throws Exception {
    List<String> applications = REPLAYED.stream().map(Service::moduleName).toList();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      for (String group : applications) {
        admin
            .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
            .all()
            .get();
      }
      admin.deleteConsumerGroups(applications).all().get();
      List<String> internal =
          admin.listTopics().names().get().stream()
              .filter(name -> applications.stream().anyMatch(name::startsWith))
              .toList();
      assertThat(internal).isNotEmpty();
      List<String> derived = DERIVED.stream().map(Topics.Topic::name).toList();
      admin.deleteTopics(Stream.concat(internal.stream(), derived.stream()).toList()).all().get();
      for (Topics.Topic topic : DERIVED) {
        NewTopic again =
            new NewTopic(topic.name(), Stack.PARTITIONS, (short) 1).configs(topic.config());
        await().atMost(PATIENCE).until(() -> isCreated(admin, again));
      }
    }
  }

  /** Not as long as the one that was deleted is still going. */
  private static boolean isCreated(Admin admin, NewTopic topic) throws InterruptedException {
    try {
      admin.createTopics(List.of(topic)).all().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw new IllegalStateException(e);
    }
  }

  private static void killInTheMiddle(Stack stack, List<ChildProcess> services, long all) {
    try (TopicCounts counts =
        TopicCounts.of(Topics.ALL, stack.bootstrapServers(), stack.registry())) {
      await()
          .atMost(PATIENCE)
          .pollInterval(OFTEN)
          .until(
              () -> {
                counts.poll(OFTEN);
                return counts.counts().in(Topics.FEATURES) > all / 10;
              });
      services.forEach(ChildProcess::kill);
      assertThat(counts.readToEnd(PATIENCE)).isTrue();
      long done = counts.counts().in(Topics.FEATURES);
      System.out.printf("killed with %d of %d vectors made%n", done, all);
      assertThat(done).isBetween(all / 10, all - 1);
    }
  }

  private static boolean areAsMany(Stack stack, Counts expected) {
    try (TopicCounts counts =
        TopicCounts.of(Topics.ALL, stack.bootstrapServers(), stack.registry())) {
      return counts.readToEnd(PATIENCE)
          && DERIVED.stream().allMatch(topic -> counts.counts().in(topic) == expected.in(topic));
    }
  }
}
