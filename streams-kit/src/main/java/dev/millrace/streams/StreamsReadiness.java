package dev.millrace.streams;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;

/**
 * Ready means: the topology runs, its state is restored, the broker answers and no event waits for
 * an activation. For readiness only: none of it is mended by a restart.
 */
final class StreamsReadiness extends AbstractHealthIndicator {

  private static final Duration BROKER_ANSWER = Duration.ofSeconds(2);

  private final ObjectProvider<StreamsBuilderFactoryBean> factories;
  private final Admin admin;
  private final ActiveArtifacts artifacts;

  StreamsReadiness(
      ObjectProvider<StreamsBuilderFactoryBean> factories, Admin admin, ActiveArtifacts artifacts) {
    super("The topology could not be asked for its state");
    this.factories = factories;
    this.admin = admin;
    this.artifacts = artifacts;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) throws InterruptedException {
    List<KafkaStreams.State> states = factories.stream().map(StreamsReadiness::state).toList();
    boolean running =
        !states.isEmpty() && states.stream().allMatch(state -> state == KafkaStreams.State.RUNNING);
    boolean broker = running && brokerAnswers();
    boolean ready = running && broker && !artifacts.isBehind();
    (ready ? health.up() : health.down())
        .withDetail("streams", states)
        .withDetail("brokerAnswers", broker)
        .withDetail("waitsForActivation", artifacts.isBehind())
        .withDetail("activationOffset", artifacts.lastKnown());
  }

  /** While state is restored the topology is REBALANCING, not RUNNING. */
  private static KafkaStreams.State state(StreamsBuilderFactoryBean factory) {
    KafkaStreams streams = factory.getKafkaStreams();
    return streams == null ? KafkaStreams.State.CREATED : streams.state();
  }

  private boolean brokerAnswers() throws InterruptedException {
    try {
      admin.describeCluster().clusterId().get(BROKER_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
