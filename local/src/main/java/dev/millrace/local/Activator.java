package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SchemaRegistry;
import dev.millrace.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes artifacts the ones that decide, by writing to the log. */
final class Activator {

  /**
   * What was done.
   *
   * @param activation empty if it was in force already
   * @param offset who has read the log up to it decides by the artifact
   */
  record Result(Optional<Activation> activation, long offset) {}

  private final String bootstrapServers;
  private final SchemaRegistry registry;
  private final ArtifactStore store;

  Activator(String bootstrapServers, SchemaRegistry registry, ArtifactStore store) {
    this.bootstrapServers = bootstrapServers;
    this.registry = registry;
    this.store = store;
  }

  /**
   * Activates what is kept already, unless it is in force, and before a model the feature set that
   * it brings.
   *
   * @param by who does it
   * @throws CommandException if its version was given to another artifact before
   */
  Result activate(Artifact artifact, String by, String reason) {
    if (artifact.brought() != null) {
      activate(artifact.brought(), by, reason);
    }
    ActivationLog log = ActivationLog.read(bootstrapServers, registry);
    Optional<Activation> next = artifact.nextActivation(log);
    next.filter(activation -> activation.kind().equals(Activation.FEATURE_SET))
        .ifPresent(this::createTopic);
    long offset = next.isPresent() ? append(next.get(), by, reason) : log.lastOffset();
    return new Result(next, offset);
  }

  /** Vectors of a set need a place before any is told; one that is there already is right. */
  private void createTopic(Activation set) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      KafkaTopics.createBeside(Topics.CLEAN, Topics.features(set.name(), set.version()), admin);
    }
  }

  private long append(Activation activation, String by, String reason) {
    ActivationMessage message =
        Messages.activation(
            activation,
            store.uri(activation.sha256()),
            by,
            reason,
            Instant.now().truncatedTo(ChronoUnit.MICROS));
    byte[] value =
        MessageCodec.<ActivationMessage>registered(registry, Topics.ACTIVATIONS).encode(message);
    byte[] key = activation.key().getBytes(StandardCharsets.UTF_8);
    try (Producer<byte[], byte[]> producer = Publisher.producer(bootstrapServers)) {
      return producer
          .send(new ProducerRecord<>(Topics.ACTIVATIONS.name(), key, value))
          .get()
          .offset();
    } catch (ExecutionException e) {
      throw new CommandException(
          "Kafka did not take the activation of %s: %s"
              .formatted(activation.key(), String.valueOf(e.getCause())),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted while activating " + activation.key(), e);
    }
  }
}
