package dev.millrace.features;

import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.FeaturesStage;
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
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Wires the topology to Kafka; the data flow is {@link FeaturesTopology}. */
@SpringBootApplication
@Import(StreamsKit.class)
public class FeaturesApplication {

  public static void main(String[] args) {
    SpringApplication.run(FeaturesApplication.class, args);
  }

  /** Topics of vectors are required with their feature sets. */
  @Bean
  RequiredTopics topics() {
    return RequiredTopics.of(Topics.CLEAN, Topics.QUARANTINED);
  }

  @Bean
  FoldedSets foldedSets(
      ActiveArtifacts artifacts, ArtifactStore store, TopicIds topicIds, SchemaRegistry registry) {
    return new FoldedSets(artifacts, new ActiveFeatureSets(store), topicIds, registry);
  }

  /** Bound by name in application.yml: in-0 clean, out-0 quarantined. */
  @Bean
  Function<KStream<String, byte[]>, KStream<String, byte[]>> features(
      FoldedSets sets, SchemaRegistry registry, TopicIds topicIds, MeterRegistry metrics) {
    MessageCodec<CleanEventMessage> clean = MessageCodec.registered(registry, Topics.CLEAN);
    FeaturesStage stage =
        new FeaturesStage(MessageCodec.registered(registry, Topics.QUARANTINED), StreamsKit.GUARD);
    TakenBack takenBack = new TakenBack();
    return new FeaturesTopology(
        sets, () -> new FeaturesProcessor(sets, clean, stage, takenBack, topicIds, metrics));
  }
}
