package dev.millrace.features;

import dev.millrace.core.features.FeatureFold;
import dev.millrace.schemas.FeatureSets;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
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
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Wires the topology to Kafka; the data flow is {@link FeaturesTopology}. */
@SpringBootApplication
@Import(StreamsKit.class)
public class FeaturesApplication {

  public static void main(String[] args) {
    SpringApplication.run(FeaturesApplication.class, args);
  }

  @Bean
  RequiredTopics topics() {
    return RequiredTopics.of(Topics.CLEAN, Topics.FEATURES, Topics.QUARANTINED);
  }

  @Bean
  FeatureFold fold() {
    return new FeatureFold(FeatureSets.userActivity());
  }

  /** Bound by name in application.yml: in-0 clean, out-0 features, out-1 quarantined. */
  @Bean
  Function<KStream<String, byte[]>, KStream<String, byte[]>[]> features(
      FeatureFold fold, SchemaRegistry registry, TopicIds topicIds, MeterRegistry metrics) {
    FeaturesMessages messages = FeaturesMessages.registered(registry);
    Quarantine quarantine = new Quarantine("features", registry, metrics);
    TakenBack takenBack = new TakenBack();
    return new FeaturesTopology(
        fold,
        () -> new FeaturesProcessor(fold, messages, quarantine, takenBack, topicIds, metrics));
  }
}
