package dev.millrace.features;

import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.features.Freshness.Standby;
import dev.millrace.streams.UserStateStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ClassicGroupDescription;
import org.apache.kafka.clients.admin.DescribeClassicGroupsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.LagInfo;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;

/** Asks Kafka about the group of this service's instances. Whatever fails is known of nothing. */
final class StreamsGroup implements Freshness.Group {

  private static final int ANSWER_WITHIN_MS = 2_000;

  private final ObjectProvider<StreamsBuilderFactoryBean> factories;
  private final GroupConsumers consumers;
  private final Admin admin;

  StreamsGroup(
      ObjectProvider<StreamsBuilderFactoryBean> factories, GroupConsumers consumers, Admin admin) {
    this.factories = factories;
    this.consumers = consumers;
    this.admin = admin;
  }

  @Override
  public boolean countsUsIn() {
    Set<String> ours = consumers.memberIds();
    if (ours.isEmpty() || ours.contains("")) {
      return false; // not all have joined
    }
    String group = StreamsStates.configured(factories, StreamsConfig.APPLICATION_ID_CONFIG);
    try {
      KafkaFuture<ClassicGroupDescription> told =
          admin
              .describeClassicGroups(
                  List.of(group), new DescribeClassicGroupsOptions().timeoutMs(ANSWER_WITHIN_MS))
              .describedGroups()
              .get(group);
      return answer(Objects.requireNonNull(told)).members().stream()
          .map(MemberDescription::consumerId)
          .collect(Collectors.toSet())
          .containsAll(ours);
    } catch (KafkaException | IllegalStateException e) {
      return false; // the service ends, or Kafka does not answer
    }
  }

  @Override
  public Map<Integer, Standby> standbys(Map<Integer, Standby> before, long now) {
    KafkaStreams streams = factories.getObject().getKafkaStreams();
    if (streams == null) {
      return Map.of();
    }
    try {
      Map<Integer, Standby> candidates = candidates(streams, now);
      return candidates.isEmpty() ? candidates : caughtUp(streams, candidates, before);
    } catch (KafkaException | IllegalStateException e) {
      return before; // what was known stays true, and grows older
    }
  }

  private Map<Integer, Standby> candidates(KafkaStreams streams, long now) {
    Map<Integer, Standby> candidates = new HashMap<>();
    streams.metadataForLocalThreads().stream()
        .flatMap(thread -> thread.standbyTasks().stream())
        .map(task -> task.taskId().partition())
        .distinct()
        .forEach(
            partition -> {
              UserStateStore<UserActivity, FoldedEvent> store =
                  streams.store(
                      StoreQueryParameters.fromNameAndType(
                              FeaturesTopology.ACTIVITY_BY_USER,
                              UserStateStore.<UserActivity, FoldedEvent>ofOnePartition())
                          .withPartition(partition)
                          .enableStaleStores());
              candidates.put(partition, new Standby(store, store.openings(), now));
            });
    return candidates;
  }

  private Map<Integer, Standby> caughtUp(
      KafkaStreams streams, Map<Integer, Standby> candidates, Map<Integer, Standby> before) {
    Map<TopicPartition, ListOffsetsResultInfo> ends =
        answer(
            admin
                .listOffsets(
                    candidates.keySet().stream()
                        .collect(
                            Collectors.toMap(this::changelog, partition -> OffsetSpec.latest())),
                    new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)
                        .timeoutMs(ANSWER_WITHIN_MS))
                .all());
    // After the ends, so that a standby that is there has passed them.
    Map<Integer, LagInfo> lags =
        streams
            .allLocalStorePartitionLags()
            .getOrDefault(FeaturesTopology.ACTIVITY_BY_USER, Map.of());
    Map<Integer, Standby> caughtUp = new HashMap<>();
    candidates.forEach(
        (partition, standby) -> {
          LagInfo lag = lags.get(partition);
          long end = Objects.requireNonNull(ends.get(changelog(partition))).offset();
          Standby earlier = before.get(partition);
          // What is committed ends with the mark of its transaction, which nobody restores.
          if (lag != null && lag.currentOffsetPosition() >= end - 1) {
            caughtUp.put(partition, standby);
          } else if (earlier != null && isSame(earlier, standby)) {
            caughtUp.put(partition, earlier);
          }
        });
    return Map.copyOf(caughtUp);
  }

  private static boolean isSame(Standby one, Standby other) {
    return one.store() == other.store() && one.opening() == other.opening();
  }

  private TopicPartition changelog(int partition) {
    return new TopicPartition(
        "%s-%s-changelog".formatted(applicationId(), FeaturesTopology.ACTIVITY_BY_USER), partition);
  }

  private String applicationId() {
    return StreamsStates.configured(factories, StreamsConfig.APPLICATION_ID_CONFIG);
  }

  private static <T> T answer(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(e);
    }
  }
}
