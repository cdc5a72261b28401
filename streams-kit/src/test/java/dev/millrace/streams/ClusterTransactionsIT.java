package dev.millrace.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.servers.ChildProcess;
import dev.millrace.servers.LocalBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.diagnostics.FailureAnalysis;

class ClusterTransactionsIT {

  private static final String FEATURE = "transaction.version";
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private static Path folder;
  private static LocalBroker broker;
  private static Admin admin;

  @BeforeAll
  static void start() {
    broker = LocalBroker.start(folder);
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  @AfterAll
  static void stop() {
    admin.close();
    broker.close();
  }

  private static void runTransactionsInVersion(int version) throws Exception {
    FinalizedVersionRange range =
        admin.describeFeatures().featureMetadata().get().finalizedFeatures().get(FEATURE);
    int current = range == null ? 0 : range.maxVersionLevel();
    if (current != version) {
      UpgradeType change = version > current ? UpgradeType.UPGRADE : UpgradeType.SAFE_DOWNGRADE;
      admin
          .updateFeatures(
              Map.of(FEATURE, new FeatureUpdate((short) version, change)),
              new UpdateFeaturesOptions())
          .all()
          .get();
    }
  }

  @Test
  void acceptsTheVersionThatExactlyOnceNeeds() throws Exception {
    runTransactionsInVersion(2);

    assertThatCode(() -> ClusterTransactions.require(admin, SOON)).doesNotThrowAnyException();
  }

  @Test
  void refusesAnOlderVersionAndSaysHowToUpgrade() throws Exception {
    runTransactionsInVersion(1);

    assertThatThrownBy(() -> ClusterTransactions.require(admin, SOON))
        .isInstanceOfSatisfying(
            StartupException.class,
            e -> {
              FailureAnalysis analysis = new StartupFailureAnalyzer().analyze(e, e);
              assertThat(analysis.getDescription())
                  .contains("has transaction.version=1, and exactly-once needs");
              assertThat(analysis.getAction()).contains("upgrade --feature transaction.version=2");
            });
  }

  @Test
  void refusesAClusterThatReportsNoVersion() throws Exception {
    runTransactionsInVersion(0);

    assertThatThrownBy(() -> ClusterTransactions.require(admin, SOON))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("reports no transaction.version");
  }

  @Test
  void anOlderVersionEndsTheStartWithOneClearMessage() throws Exception {
    runTransactionsInVersion(1);

    try (ChildProcess service =
        EchoApplication.process(
            folder.resolve("echo.log"),
            "--millrace.bootstrap-servers=" + broker.bootstrapServers())) {

      assertThat(service.onExit().get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(Files.readString(service.log()))
          .contains("APPLICATION FAILED TO START")
          .contains("exactly-once needs transaction.version=2")
          .contains("kafka-features.sh");
    }
  }
}
