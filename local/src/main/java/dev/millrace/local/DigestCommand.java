package dev.millrace.local;

import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "digest",
    description = {
      "Names what a topic of the running stack holds, by one SHA-256: equal for equal records, in whatever order and partitions they are.",
      "Read are committed records, to where the topic ends now. Of each counts its key and its message; not its place, its time, its headers or the id of its schema."
    })
final class DigestCommand implements Callable<Integer> {

  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(10);

  @Parameters(paramLabel = "TOPIC", description = "Such as features.user-activity.")
  private String name = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Home home;
  private final Console console;

  DigestCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    Topics.Topic topic = topic();
    StackFile stack = StackFile.ofRunningStack(home);
    Path directory = home.work().resolve("digest-" + ProcessHandle.current().pid());
    try (Consumer<byte[], byte[]> consumer = CommittedRecords.consumer(stack.bootstrapServers())) {
      TopicDigest digest =
          TopicDigest.read(
              consumer, topic, codec(topic, stack.registryUrl()), directory, this::showProgress);
      console.say(told(topic, digest));
    }
    return 0;
  }

  private Topics.Topic topic() {
    return Topics.find(name)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "There is no topic '%s'. There are %s, and one of the vectors of each feature set, features.NAME or features.NAME.vVERSION"
                        .formatted(
                            name,
                            Topics.ALL.stream()
                                .map(Topics.Topic::name)
                                .collect(Collectors.joining(", ")))));
  }

  private static @Nullable MessageCodec<? extends SpecificRecord> codec(
      Topics.Topic topic, String registryUrl) {
    return topic.schema() == null
        ? null
        : MessageCodec.<SpecificRecord>registered(
            new SchemaRegistry(registryUrl, REGISTRY_PATIENCE), topic);
  }

  private void showProgress(long records) {
    console.draw(List.of(String.format(Locale.ROOT, "  %s read", Plural.of(records, "record"))));
  }

  private static String told(Topics.Topic topic, TopicDigest digest) {
    return "%s  %s  sha256 %s"
        .formatted(topic.name(), Plural.of(digest.records(), "record"), digest.sha256());
  }
}
