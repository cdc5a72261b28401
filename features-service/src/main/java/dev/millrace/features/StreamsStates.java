package dev.millrace.features;

import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.features.Answer.Found;
import dev.millrace.features.Answer.Unavailable;
import dev.millrace.features.Answer.Unknown;
import dev.millrace.streams.UserStateStore;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;

/**
 * Reads the stores of Kafka Streams.
 *
 * <p>A partition's store is read only as the store of that partition, only between the end of its
 * restoring and its closing, and only while the group's coordinator is known to have counted this
 * instance among the members a moment ago: one that stood still, or lost its way to the broker, may
 * have lost its partitions without having noticed.
 */
final class StreamsStates implements LocalStates {

  /** After so long without a word from the coordinator, what is held is told as stale. */
  static final Duration SURE_FOR = Duration.ofSeconds(3);

  static final String NOT_HERE =
      "This user's state is being restored, or moves to another instance; ask again.";
  static final String NOT_CONFIRMED =
      "It is not certain now that this user's state is the newest, because Kafka does not answer; ask again.";
  static final String UNREADABLE =
      "This user's state can't be read; if that lasts, rebuild the state from its input.";

  private final ObjectProvider<StreamsBuilderFactoryBean> factories;
  private final Freshness freshness;

  StreamsStates(ObjectProvider<StreamsBuilderFactoryBean> factories, Freshness freshness) {
    this.factories = factories;
    this.freshness = freshness;
  }

  @Override
  public HostInfo self() {
    return HostInfo.buildFromEndpoint(
        configured(factories, StreamsConfig.APPLICATION_SERVER_CONFIG));
  }

  /** A setting of the topology that application.yml always makes. */
  static String configured(ObjectProvider<StreamsBuilderFactoryBean> factories, String key) {
    Properties configuration =
        Objects.requireNonNull(factories.getObject().getStreamsConfiguration());
    return Objects.requireNonNull(configuration.get(key)).toString();
  }

  @Override
  public @Nullable KeyQueryMetadata whereIs(String userId) {
    KafkaStreams streams = factories.getObject().getKafkaStreams();
    if (streams == null) {
      return null;
    }
    try {
      KeyQueryMetadata place =
          streams.queryMetadataForKey(
              FeaturesTopology.ACTIVITY_BY_USER, userId, new StringSerializer());
      return KeyQueryMetadata.NOT_AVAILABLE.equals(place) ? null : place;
    } catch (InvalidStateStoreException | IllegalStateException e) {
      return null; // starting or ending
    }
  }

  @Override
  public Answer owned(ServedSet set, int partition, String userId, Instant asOf) {
    KafkaStreams streams = factories.getObject().getKafkaStreams();
    if (streams == null) {
      return new Unavailable(NOT_HERE);
    }
    // Asked before the state is read: a partition lost and won again in between does not count.
    Duration since = freshness.sinceMember();
    if (since == null) {
      return new Unavailable(NOT_HERE);
    }
    boolean sure = since.compareTo(SURE_FOR) <= 0;
    Answer answer;
    try {
      UserStateStore<UserActivity, FoldedEvent> activities =
          streams.store(
              StoreQueryParameters.fromNameAndType(
                      FeaturesTopology.ACTIVITY_BY_USER,
                      UserStateStore.<UserActivity, FoldedEvent>ofOnePartition())
                  .withPartition(partition));
      Found found =
          activities.read(
              set.number(),
              userId,
              activity -> found(set, activity, asOf, sure ? null : since.toMillis()));
      answer = found == null ? new Unknown() : found;
    } catch (InvalidStateStoreException | IllegalStateException e) {
      return new Unavailable(NOT_HERE); // also when it went while it was asked
    } catch (UnreadableStateException e) {
      return new Unavailable(UNREADABLE);
    }
    return answer instanceof Unknown && !sure ? new Unavailable(NOT_CONFIRMED) : answer;
  }

  @Override
  public Answer standby(ServedSet set, int partition, String userId, Instant asOf) {
    Freshness.Standby standby = freshness.standby(partition);
    if (standby == null) {
      return new Unavailable(NOT_HERE);
    }
    long staleMs = freshness.since(standby.caughtUpAt()).toMillis();
    try {
      Found found =
          standby
              .store()
              .readStandby(
                  standby.opening(),
                  set.number(),
                  userId,
                  activity -> found(set, activity, asOf, staleMs));
      return found == null ? new Unavailable(NOT_HERE) : found;
    } catch (InvalidStateStoreException e) {
      return new Unavailable(NOT_HERE);
    } catch (UnreadableStateException e) {
      return new Unavailable(UNREADABLE);
    }
  }

  private static Found found(
      ServedSet set, UserActivity activity, Instant asOf, @Nullable Long staleMs) {
    List<String> columns = set.fold().set().columnNames();
    List<@Nullable Object> values = set.fold().read(activity, asOf);
    Map<String, @Nullable Object> features = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      features.put(columns.get(i), values.get(i));
    }
    return new Found(Objects.requireNonNull(activity.newestEventTime()), features, staleMs);
  }
}
