package dev.millrace.streams;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What every service must know of its surroundings, under {@code millrace}. None of it changes an
 * outcome.
 *
 * @param bootstrapServers Kafka brokers, {@code host:port[,…]}
 * @param registryUrl base of the schema registry's REST protocol
 * @param registryPatience how long a call to an absent registry is repeated before the process
 *     gives up and is started again
 * @param artifactStore folder that keeps what was activated
 * @param instanceId names this instance among those of its service, the same after a restart
 * @param startTimeout how long the surroundings may take to answer when the process starts
 * @param activationTimeout how long a task waits for an activation it has not read yet before the
 *     process says that it is not ready; it goes on waiting
 */
@ConfigurationProperties("millrace")
public record MillraceProperties(
    @DefaultValue("localhost:9092") String bootstrapServers,
    @DefaultValue("http://localhost:8081") String registryUrl,
    @DefaultValue("60s") Duration registryPatience,
    @DefaultValue("artifacts") Path artifactStore,
    @DefaultValue("local") String instanceId,
    @DefaultValue("60s") Duration startTimeout,
    @DefaultValue("30s") Duration activationTimeout) {

  public MillraceProperties {
    requirePositive("millrace.registry-patience", registryPatience);
    requirePositive("millrace.start-timeout", startTimeout);
    requirePositive("millrace.activation-timeout", activationTimeout);
    if (!registryUrl.startsWith("http://") && !registryUrl.startsWith("https://")) {
      throw new IllegalArgumentException(
          "millrace.registry-url must begin with http:// or https://, not '%s'"
              .formatted(registryUrl));
    }
  }

  private static void requirePositive(String key, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(key + " must be longer than nothing, not " + value);
    }
  }
}
