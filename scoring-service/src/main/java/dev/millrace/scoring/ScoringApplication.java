package dev.millrace.scoring;

import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.ActiveArtifacts;
import dev.millrace.streams.MillraceProperties;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.StreamsKit;
import dev.millrace.streams.StreamsKit.RequiredTopics;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.kstream.KStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.event.ConsumerStoppedEvent;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.util.backoff.FixedBackOff;

/**
 * Wires the topology to Kafka, and the projection to Redis; the data flow is {@link
 * ScoringTopology}.
 */
@SpringBootApplication
@Import(StreamsKit.class)
@EnableConfigurationProperties(ScoringProperties.class)
public class ScoringApplication {

  private static final String PROJECTION = "scoring-service-projection";
  private static final long REDIS_RETRY_MS = 500;

  /** Also how long, at the most, an empty partition of a quiet topic stays unnoticed. */
  private static final long IDLE_MS = 1_000;

  public static void main(String[] args) {
    SpringApplication.run(ScoringApplication.class, args);
  }

  @Bean
  RequiredTopics topics() {
    return RequiredTopics.of(Topics.FEATURES, Topics.SCORES, Topics.QUARANTINED);
  }

  @Bean
  ActiveFeatureSets featureSets(ArtifactStore store) {
    return new ActiveFeatureSets(store);
  }

  @Bean(destroyMethod = "close")
  ActiveModels activeModels(
      ActiveArtifacts artifacts, ArtifactStore store, ActiveFeatureSets sets) {
    return new ActiveModels(artifacts, store, sets);
  }

  @Bean
  ScoringMessages scoringMessages(SchemaRegistry registry) {
    return ScoringMessages.registered(registry);
  }

  /** Bound by name in application.yml: in-0 vectors, out-0 scores, out-1 quarantined. */
  @Bean
  Function<KStream<String, byte[]>, KStream<String, byte[]>[]> scoring(
      ActiveModels models,
      ScoringMessages messages,
      SchemaRegistry registry,
      TopicIds topicIds,
      MeterRegistry metrics) {
    Quarantine quarantine = new Quarantine("scoring", registry, metrics);
    return new ScoringTopology(
        () -> new ScoringProcessor(models, messages, quarantine, topicIds, metrics));
  }

  /** A topic created again is another epoch. */
  @Bean(destroyMethod = "close")
  LatestScores latestScores(ScoringProperties properties, TopicIds topicIds) {
    return new LatestScores(
        properties.redisUri(), properties.redisTimeout(), topicIds.id(Topics.SCORES.name()));
  }

  /** Asks for the topic ids so that a missing topic is told as such. */
  @Bean
  ScorePartitions scorePartitions(
      Admin admin, MillraceProperties surroundings, TopicIds checkedFirst) {
    return new ScorePartitions(admin, surroundings.startTimeout());
  }

  /** Without its consumer the latest scores would silently grow old. */
  @EventListener
  void endWithTheProjection(ConsumerStoppedEvent stopped) {
    if (stopped.getReason() != ConsumerStoppedEvent.Reason.NORMAL) {
      StreamsKit.endProcess();
    }
  }

  /** A consumer of its own, so that no stream thread ever waits for Redis. */
  @Bean
  KafkaMessageListenerContainer<String, byte[]> scoreProjection(
      MillraceProperties surroundings,
      ScoringMessages messages,
      LatestScores latest,
      ScorePartitions partitions,
      MeterRegistry metrics) {
    ContainerProperties container = new ContainerProperties(Topics.SCORES.name());
    container.setGroupId(PROJECTION);
    container.setIdleEventInterval(IDLE_MS);
    container.setPollTimeout(IDLE_MS);
    container.setMessageListener(
        new ScoreProjection(messages.score(), latest, partitions, metrics));
    KafkaMessageListenerContainer<String, byte[]> projection =
        new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<>(
                Map.of(
                    ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                    surroundings.bootstrapServers(),
                    ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                    "read_committed",
                    ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                    "earliest",
                    // Static, so that a crashed instance gets its partitions back at once.
                    ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                    PROJECTION + "-" + surroundings.instanceId(),
                    ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                    2_000),
                new StringDeserializer(),
                new ByteArrayDeserializer()),
            container);
    projection.setCommonErrorHandler(
        new DefaultErrorHandler(new FixedBackOff(REDIS_RETRY_MS, FixedBackOff.UNLIMITED_ATTEMPTS)));
    return projection;
  }
}
