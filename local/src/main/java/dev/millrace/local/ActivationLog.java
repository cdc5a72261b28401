package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Every activation there was.
 *
 * @param activations in the order of the log
 * @param lastOffset of the last of them; {@link ActivationTimeline#NONE} if there is none
 */
record ActivationLog(List<Activation> activations, long lastOffset) {

  private static final TopicPartition PARTITION = new TopicPartition(Topics.ACTIVATIONS.name(), 0);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  ActivationLog {
    activations = List.copyOf(activations);
  }

  /** Reads the log to its present end. */
  static ActivationLog read(String bootstrapServers, SchemaRegistry registry) {
    MessageCodec<ActivationMessage> codec = MessageCodec.registered(registry, Topics.ACTIVATIONS);
    List<Activation> activations = new ArrayList<>();
    ActivationTimeline timeline = new ActivationTimeline();
    long lastOffset = ActivationTimeline.NONE;
    try (KafkaConsumer<byte[], byte[]> consumer = CommittedRecords.consumer(bootstrapServers)) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end =
          Objects.requireNonNull(consumer.endOffsets(List.of(PARTITION), PATIENCE).get(PARTITION));
      long start = System.nanoTime();
      while (consumer.position(PARTITION, PATIENCE) < end) {
        for (ConsumerRecord<byte[], byte[]> entry : consumer.poll(POLL)) {
          addUnlessContradictory(activation(codec, entry), entry.offset(), activations, timeline);
          lastOffset = entry.offset();
        }
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          throw new CommandException(
              "The activation log could not be read to its end, offset %d, in %d s; is Kafka at %s well?"
                  .formatted(end, PATIENCE.toSeconds(), bootstrapServers));
        }
      }
    }
    return new ActivationLog(activations, lastOffset);
  }

  /** A version that names another artifact than before activates nothing, in the services too. */
  private static void addUnlessContradictory(
      Activation activation,
      long offset,
      List<Activation> activations,
      ActivationTimeline timeline) {
    try {
      timeline.add(offset, activation);
    } catch (IllegalArgumentException contradictory) {
      return;
    }
    activations.add(activation);
  }

  private static Activation activation(
      MessageCodec<ActivationMessage> codec, ConsumerRecord<byte[], byte[]> entry) {
    MessageCodec.Decoded<ActivationMessage> decoded = codec.decode(entry.value());
    @Nullable ActivationMessage message = decoded.message();
    if (message == null) {
      throw new CommandException(
          "Record %d of the activation log is no activation: %s. Somebody else wrote it; start a new stack."
              .formatted(entry.offset(), decoded.violation()));
    }
    return Messages.activation(message);
  }

  /** What is in force for events to come, by name. */
  List<Activation> active(String kind) {
    ActivationTimeline timeline = new ActivationTimeline();
    for (int i = 0; i < activations.size(); i++) {
      timeline.add(i, activations.get(i));
    }
    return timeline.active(kind, activations.size());
  }

  /** What is in force of that name for events to come. */
  Optional<Activation> active(String kind, String name) {
    return active(kind).stream().filter(activation -> activation.name().equals(name)).findFirst();
  }

  /** Every activation of that name, in the order of the log. */
  List<Activation> history(String kind, String name) {
    return activations.stream()
        .filter(activation -> activation.kind().equals(kind) && activation.name().equals(name))
        .toList();
  }
}
