package dev.millrace.cleansing;

import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.PiiKeys;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.ActiveContracts;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.schemas.stage.CleansingMessages;
import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.streams.ActiveArtifacts;
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
    MessageCodec<RawEventMessage> raw = MessageCodec.registered(registry, Topics.RAW);
    PayloadSchemas payloadSchemas = new PayloadSchemas(artifacts);
    CleansingMessages messages = CleansingMessages.registered(registry);
    TakenBack takenBack = new TakenBack();
    return new CleansingTopology(
        () ->
            new CleansingProcessor(
                raw,
                new CleansingStage(contracts, sources, payloadSchemas, messages, StreamsKit.GUARD),
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
