package dev.millrace.cleansing;

import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.PiiKeys;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.ActiveArtifacts;
import dev.millrace.streams.ActiveContracts;
import dev.millrace.streams.ActiveSources;
import dev.millrace.streams.Quarantine;
import dev.millrace.streams.StreamsKit;
import dev.millrace.streams.StreamsKit.RequiredTopics;
import dev.millrace.streams.TakenBack;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Function;
import org.apache.kafka.streams.kstream.KStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Wires the topology to Kafka; the data flow is {@link CleansingTopology}. */
@SpringBootApplication
@Import(StreamsKit.class)
@EnableConfigurationProperties(CleansingProperties.class)
public class CleansingApplication {

  public static void main(String[] args) {
    SpringApplication.run(CleansingApplication.class, args);
  }

  @Bean
  RequiredTopics topics() {
    return RequiredTopics.of(Topics.RAW, Topics.CLEAN, Topics.DUPLICATES, Topics.QUARANTINED);
  }

  /**
   * Bound by name in application.yml: in-0 raw, out-0 clean, out-1 duplicates, out-2 quarantined.
   */
  @Bean
  Function<KStream<String, byte[]>, KStream<String, byte[]>[]> cleansing(
      SchemaRegistry registry,
      ActiveSources sources,
      ActiveContracts contracts,
      ArtifactStore artifacts,
      TopicIds topicIds,
      MeterRegistry metrics) {
    PayloadSchemas payloadSchemas = new PayloadSchemas(artifacts);
    CleansingMessages messages = CleansingMessages.registered(registry);
    Quarantine quarantine = new Quarantine("cleansing", registry, metrics);
    TakenBack takenBack = new TakenBack();
    return new CleansingTopology(
        () ->
            new CleansingProcessor(
                contracts,
                sources,
                payloadSchemas,
                messages,
                quarantine,
                takenBack,
                topicIds,
                metrics));
  }

  @Bean
  ActiveContracts activeContracts(
      ActiveArtifacts artifacts, ArtifactStore store, CleansingProperties properties) {
    PiiKeys keys = new PiiKeys(properties.piiKeys());
    return new ActiveContracts(artifacts, new Contracts(store, name -> keys.find(name)::token));
  }
}
