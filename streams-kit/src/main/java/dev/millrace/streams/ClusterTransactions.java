package dev.millrace.streams;

import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;

/** Whether the cluster's transactions are the ones that exactly-once rests on. */
final class ClusterTransactions {

  private static final String FEATURE = "transaction.version";
  private static final short NEEDED = 2;

  private ClusterTransactions() {}

  /**
   * Checks the version in which the whole cluster runs transactions.
   *
   * @throws StartupException if it is too old or not reported, or if the broker does not answer
   */
  static void require(Admin admin, Duration timeout) {
    FinalizedVersionRange version =
        KafkaAnswer.of(admin.describeFeatures().featureMetadata(), timeout)
            .finalizedFeatures()
            .get(FEATURE);
    // A feature at level 0 is not reported either.
    if (version == null || version.maxVersionLevel() < NEEDED) {
      throw new StartupException(
          "The Kafka cluster %s, and exactly-once needs %s=%d: before it, a write that arrives late can enter a later transaction of the same producer."
              .formatted(
                  version == null
                      ? "reports no " + FEATURE
                      : "has %s=%d".formatted(FEATURE, version.maxVersionLevel()),
                  FEATURE,
                  NEEDED),
          "With all brokers at 4.0 or later: kafka-features.sh --bootstrap-server HOST:PORT upgrade --feature %s=%d. A service that only speaks Kafka's protocol and does not report the feature can't be used."
              .formatted(FEATURE, NEEDED));
    }
  }
}
