package dev.millrace.streams;

import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.schemas.stage.Guard;
import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import org.springframework.kafka.config.StreamsBuilderFactoryBeanConfigurer;

/** The beans that every service with a topology has. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MillraceProperties.class)
public class StreamsKit {

  /** What a fault is, and no failing surrounding, where Kafka is one. */
  public static final Guard GUARD =
      new Guard(KafkaException.class, ActivationsUnavailableException.class);

  /** sysexits.h EX_SOFTWARE: the process ends so that it is started again, from committed state. */
  private static final int EXIT_SOFTWARE = 70;

  /** Kafka's own default. */
  private static final int REQUEST_TIMEOUT_MS = 30_000;

  /**
   * Topics beyond the activation log that a service reads or writes.
   *
   * @param topics in any order
   */
  public record RequiredTopics(List<Topics.Topic> topics) {
    public RequiredTopics {
      topics = List.copyOf(topics);
    }

    public static RequiredTopics of(Topics.Topic... topics) {
      return new RequiredTopics(List.of(topics));
    }
  }

  /** Static, as Spring asks of what looks at all other beans before they are made. */
  @Bean
  static KnownKeys knownKeys(Environment environment) {
    return new KnownKeys(environment);
  }

  @Bean
  @ConfigurationPropertiesBinding
  static PlainPaths plainPaths() {
    return new PlainPaths();
  }

  @Bean(destroyMethod = "close")
  Admin admin(MillraceProperties properties) {
    int patience = (int) properties.startTimeout().toMillis();
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            properties.bootstrapServers(),
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            patience,
            // Kafka refuses a request that may take longer than the call it is part of.
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            Math.min(patience, REQUEST_TIMEOUT_MS)));
  }

  @Bean
  TopicIds topicIds(Admin admin, RequiredTopics required, MillraceProperties properties) {
    ClusterTransactions.require(admin, properties.startTimeout());
    return TopicIds.require(
        admin,
        Stream.concat(required.topics().stream(), Stream.of(Topics.ACTIVATIONS)).toList(),
        properties.startTimeout());
  }

  @Bean
  SchemaRegistry schemaRegistry(MillraceProperties properties) {
    return new SchemaRegistry(properties.registryUrl(), properties.registryPatience());
  }

  @Bean
  ArtifactStore artifactStore(MillraceProperties properties) {
    return new ArtifactStore(properties.artifactStore());
  }

  /** Asks for the topic ids so that a cluster or a topic that does not fit is told as such. */
  @Bean(destroyMethod = "close")
  ActiveArtifacts activeArtifacts(
      MillraceProperties properties,
      SchemaRegistry registry,
      MeterRegistry metrics,
      TopicIds checkedFirst) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                properties.bootstrapServers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "none",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    return ActiveArtifacts.start(
        consumer,
        MessageCodec.registered(registry, Topics.ACTIVATIONS),
        properties.startTimeout(),
        properties.activationTimeout(),
        metrics,
        StreamsKit::endProcess);
  }

  @Bean
  ActiveSources activeSources(ActiveArtifacts artifacts, ArtifactStore store) {
    return new ActiveSources(artifacts, store);
  }

  /** A user id may hold a slash; in a path it is written %2F. */
  @Bean
  TomcatConnectorCustomizer slashInUserIds() {
    return connector ->
        connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
  }

  @Bean
  HealthIndicator streamsReadiness(
      ObjectProvider<StreamsBuilderFactoryBean> factories, Admin admin, ActiveArtifacts artifacts) {
    return new StreamsReadiness(factories, admin, artifacts);
  }

  /**
   * Ends the process when a stream thread dies: a topology that stands still must not look alive.
   *
   * <p>Primary, because the binder takes a configurer only if it is the unique one, and Spring Boot
   * brings another.
   */
  @Bean
  @Primary
  StreamsBuilderFactoryBeanConfigurer exitWhenStreamsDie() {
    return factory ->
        factory.setKafkaStreamsCustomizer(
            streams ->
                streams.setUncaughtExceptionHandler(
                    failure -> {
                      LoggerFactory.getLogger(StreamsKit.class)
                          .error(
                              "A stream thread died; the process ends to be started again",
                              failure);
                      endProcess();
                      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
                    }));
  }

  /**
   * Ends the process, so that it is started again from committed state. In a thread of its own,
   * because shutting down waits for the one that asks for it.
   */
  public static void endProcess() {
    new Thread(() -> System.exit(EXIT_SOFTWARE), "exit").start();
  }
}
