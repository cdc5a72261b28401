package dev.millrace.ingest;

import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.stage.ActiveContracts;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.streams.ActiveArtifacts;
import dev.millrace.streams.MillraceProperties;
import dev.millrace.streams.StreamsKit;
import dev.millrace.streams.StreamsKit.RequiredTopics;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.kafka.streams.kstream.KStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Wires the doors to Kafka: {@link EventsController} for HTTP, {@link FileTaker} for files, {@link
 * IngestTopology} for the topic.
 */
@SpringBootApplication
@Import(StreamsKit.class)
@EnableConfigurationProperties({IngestProperties.class, AzureProperties.class})
public class IngestApplication {

  public static void main(String[] args) {
    SpringApplication.run(IngestApplication.class, args);
  }

  @Bean
  RequiredTopics topics() {
    return RequiredTopics.of(Topics.INBOUND, Topics.RAW, Topics.FILES);
  }

  @Bean
  KnownSources knownSources(ActiveSources sources) {
    return new KnownSources(sources);
  }

  /** Ingest holds no key for tokens; it shows that there would be one. */
  @Bean
  DryRun dryRun(ActiveArtifacts activated, ActiveSources sources, ArtifactStore artifacts) {
    return new DryRun(
        sources,
        () ->
            new ActiveContracts(
                activated,
                new Contracts(artifacts, key -> value -> "tok_%s_…".formatted(key.id()))));
  }

  @Bean
  RawEvents rawEvents(ActiveSources sources, SchemaRegistry registry, ArtifactStore artifacts) {
    return new RawEvents(
        sources,
        registry,
        new PayloadSchemas(artifacts),
        MessageCodec.registered(registry, Topics.RAW));
  }

  @Bean(destroyMethod = "close")
  RawPublisher rawPublisher(MillraceProperties surroundings, IngestProperties properties) {
    return RawPublisher.connect(surroundings.bootstrapServers(), properties.acknowledgeWithin());
  }

  @Bean
  Landing landing(IngestProperties properties, AzureProperties azure) {
    if (properties.landing().startsWith(AzureFolder.SCHEME)) {
      AzureFolder folder = AzureFolder.of(properties.landing());
      return new AzureLanding(folder, folder.connect(azure));
    }
    return LocalLanding.open(Path.of(properties.landing()));
  }

  @Bean
  FileLog fileLog(MillraceProperties surroundings, SchemaRegistry registry, TopicIds checkedFirst) {
    return new FileLog(
        surroundings.bootstrapServers(), MessageCodec.registered(registry, Topics.FILES));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  FileTaker fileTaker(
      Landing landing,
      FileLog log,
      RawEvents rawEvents,
      ActiveSources sources,
      IngestProperties properties,
      MillraceProperties surroundings,
      MeterRegistry metrics) {
    return new FileTaker(
        landing,
        log,
        rawEvents,
        sources,
        properties,
        surroundings.bootstrapServers(),
        metrics,
        StreamsKit::endProcess);
  }

  /** Bound by name in application.yml: in-0 inbound, out-0 raw. */
  @Bean
  Function<KStream<byte[], byte[]>, KStream<String, byte[]>> ingest(
      RawEvents rawEvents, TopicIds topicIds, MeterRegistry metrics) {
    return new IngestTopology(
        () -> new IngestProcessor(rawEvents, KnownSources.DEFAULT, topicIds, metrics));
  }
}
