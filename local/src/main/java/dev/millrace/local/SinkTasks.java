package dev.millrace.local;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;

/** How workers share the tasks of a trial's connector, and their consumers its partitions. */
final class SinkTasks {

  private final Admin admin;
  private final SinkWorkers workers;
  private final TrialConnector connector;
  private final TrialTopics topics;
  private final Patience patience;

  SinkTasks(
      Admin admin,
      SinkWorkers workers,
      TrialConnector connector,
      TrialTopics topics,
      Patience patience) {
    this.admin = admin;
    this.workers = workers;
    this.connector = connector;
    this.topics = topics;
    this.patience = patience;
  }

  /** Returns when the connector runs; not all its partitions may be assigned yet. */
  void create(Home home) {
    connector.declare(home, topics.names());
    connectors().create(List.of(connector.file()), Map.of());
  }

  private Connectors connectors() {
    return workers.awake().get(0).connectors();
  }

  /** Returns when every worker and every task runs, and all partitions are assigned. */
  void settle() {
    patience.await("the workers share out what there is to do", this::areSettled);
  }

  private boolean areSettled() {
    List<SinkWorker> awake = workers.awake();
    if (awake.isEmpty() || !awake.stream().allMatch(worker -> worker.connectors().isReady())) {
      return false;
    }
    Set<String> ids = awake.stream().map(SinkWorker::id).collect(Collectors.toSet());
    Map<Integer, String> places = connectors().taskWorkers(connector.name());
    return "RUNNING".equals(connectors().states().get(connector.name()))
        && places.size() == TrialConnector.TASKS
        && ids.containsAll(places.values())
        && (awake.size() == 1 || Set.copyOf(places.values()).size() == TrialConnector.TASKS)
        && areWithout(Set.of());
  }

  /** Whether all partitions have a consumer, and none of those. */
  boolean areWithout(Set<String> consumers) {
    ConsumerGroupDescription group = describeGroup();
    Set<TopicPartition> assigned = new HashSet<>();
    for (MemberDescription member : group.members()) {
      if (consumers.contains(member.consumerId())) {
        return false;
      }
      assigned.addAll(member.assignment().topicPartitions());
    }
    return group.groupState() == GroupState.STABLE && assigned.containsAll(topics.partitions());
  }

  private ConsumerGroupDescription describeGroup() {
    String group = connector.group();
    return KafkaTopics.answer(
        "describe " + group,
        Objects.requireNonNull(
            admin.describeConsumerGroups(List.of(group)).describedGroups().get(group)));
  }

  /** One of the workers that have a task. */
  SinkWorker anyBusy(Random random) {
    Set<String> busy = new HashSet<>(connectors().taskWorkers(connector.name()).values());
    List<SinkWorker> candidates =
        workers.alive().stream().filter(worker -> busy.contains(worker.id())).toList();
    return candidates.get(random.nextInt(candidates.size()));
  }

  /**
   * The ids of a worker's consumers, by the number of the task that Connect puts at the end of a
   * client's name.
   *
   * @throws CommandException if it has no task
   */
  Set<String> consumersOf(SinkWorker worker) {
    Set<String> suffixes =
        connectors().taskWorkers(connector.name()).entrySet().stream()
            .filter(task -> task.getValue().equals(worker.id()))
            .map(task -> "-" + connector.name() + "-" + task.getKey())
            .collect(Collectors.toSet());
    Set<String> consumers =
        describeGroup().members().stream()
            .filter(member -> suffixes.stream().anyMatch(member.clientId()::endsWith))
            .map(MemberDescription::consumerId)
            .collect(Collectors.toSet());
    if (consumers.isEmpty()) {
      throw new CommandException("%s has no task of its own to take away".formatted(worker));
    }
    return consumers;
  }

  /**
   * From when they get them on, workers commit each record by itself.
   *
   * @param except who is not asked
   */
  void landOneByOne(SinkWorker except) {
    Connectors others =
        workers.awake().stream()
            .filter(worker -> !worker.equals(except))
            .findFirst()
            .orElseThrow()
            .connectors();
    others.change(connector.file(), TrialConnector.ONE_BY_ONE);
    patience.await(
        "the tasks are told to land slowly",
        () -> others.told(connector.name(), "flush.rows").equals(Set.of("1")));
  }

  /** As declared, from when the workers get to know it on. */
  void landAsDeclared() {
    connectors().change(connector.file(), Map.of());
  }
}
