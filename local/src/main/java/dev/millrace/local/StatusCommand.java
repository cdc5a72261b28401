package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.local.StackFile.Part;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

@Command(
    name = "status",
    description =
        "Shows the running stack: its processes, the records on its topics, what lands them in the lake, what is active.")
final class StatusCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final List<String> KINDS =
      List.of(
          Activation.SOURCE,
          Activation.CONTRACT,
          Activation.REFERENCE,
          Activation.GEO,
          Activation.FEATURE_SET,
          Activation.MODEL);

  private final ServiceClient services = new ServiceClient();
  private final Home home;
  private final Console console;

  StatusCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    StackFile stack = StackFile.ofRunningStack(home);
    say("%-20s %8s %6s  %-10s %s", "process", "pid", "port", "state", "url");
    stack.parts().forEach(this::show);
    SchemaRegistry registry = new SchemaRegistry(stack.registryUrl(), PATIENCE);
    ActivationLog log = ActivationLog.read(stack.bootstrapServers(), registry);
    showTopics(stack, registry, topics(log));
    showConnectors(stack);
    showActive(log);
    say("%nLogs: %s", stack.logs());
    return 0;
  }

  private void show(Part part) {
    say(
        "%-20s %8d %6d  %-10s %s",
        part.name(), part.process().pid(), part.port(), state(part), part.url());
  }

  private String state(Part part) {
    if (!part.process().isAlive()) {
      return "dead";
    }
    boolean service =
        Stream.of(Service.values()).anyMatch(known -> known.moduleName().equals(part.name()));
    return (service ? services.isReady(part.url()) : accepts(part)) ? "ready" : "not ready";
  }

  private static boolean accepts(Part server) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      return socket.isConnected();
    } catch (IOException silent) {
      return false;
    }
  }

  /** All that is bundled, and the vectors of each version of a feature set that is in force. */
  private static Set<Topics.Topic> topics(ActivationLog log) {
    Set<Topics.Topic> topics = new LinkedHashSet<>(Topics.ALL);
    log.active(Activation.FEATURE_SET).stream()
        .map(set -> Topics.features(set.name(), set.version()))
        .forEach(topics::add);
    return topics;
  }

  private void showTopics(StackFile stack, SchemaRegistry registry, Set<Topics.Topic> shown) {
    say("%n%-24s %12s", "topic", "records");
    try (TopicCounts topics = TopicCounts.of(shown, stack.bootstrapServers(), registry)) {
      // A large topic would take long to count; then the truth is a lower bound.
      String atLeast = topics.readToEnd(PATIENCE) ? "" : "more than ";
      Counts counts = topics.counts();
      for (Topics.Topic topic : shown) {
        String count = String.format(Locale.ROOT, "%s%,d", atLeast, counts.in(topic));
        say("%-24s %12s", topic.name(), count);
      }
    }
  }

  private void showConnectors(StackFile stack) {
    stack
        .part(Members.CONNECT)
        .ifPresent(
            part -> {
              Connectors connectors = new Connectors(part.url());
              say("%n%-32s %s", "connector", "state");
              connectors.states().forEach((name, state) -> say("%-32s %s", name, state));
              connectors.failures().values().forEach(console::say);
            });
    say("%nTables: %s", home.lake());
  }

  private void showActive(ActivationLog log) {
    say("%n%-32s %s", "active", "sha256");
    for (String kind : KINDS) {
      log.active(kind).forEach(active -> say("%-32s %s", active.key(), active.sha256()));
    }
  }

  private void say(String format, Object... values) {
    console.say(String.format(Locale.ROOT, format, values));
  }
}
