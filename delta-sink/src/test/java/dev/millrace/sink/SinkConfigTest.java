package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

class SinkConfigTest {

  private static Map<String, String> options() {
    return new HashMap<>(
        Map.of(
            "lake.uri", "abfss://lake@account.dfs.core.windows.net/tables/",
            "registry.url", "http://registry:8081",
            "bootstrap.servers", "kafka:9092",
            "date.field", "received_at",
            "date.column", "received_date",
            "consumer.override.isolation.level", "read_committed"));
  }

  private static Map<String, String> options(String option, String value) {
    Map<String, String> options = options();
    options.put(option, value);
    return options;
  }

  @Test
  void aTableIsCalledLikeItsTopic() {
    assertThat(new SinkConfig(options()).tablePath("features.user-activity.v2"))
        .isEqualTo("abfss://lake@account.dfs.core.windows.net/tables/features_user_activity_v2");
  }

  @Test
  void whatAFileSystemOrDeltaNeedsIsPassedOnAndNothingElse() {
    Map<String, String> options = options("fs.azure.account.auth.type", "OAuth");
    options.put("io.delta.kernel.logStore.file.impl", "another.LogStore");
    options.put("other.option", "x");

    SinkConfig config = new SinkConfig(options);

    assertThat(config.hadoop().get("fs.azure.account.auth.type")).isEqualTo("OAuth");
    assertThat(config.hadoop().get("io.delta.kernel.logStore.file.impl"))
        .isEqualTo("another.LogStore");
    assertThat(config.hadoop().get("parquet.compression")).isEqualTo("ZSTD");
    assertThat(config.hadoop().get("other.option")).isNull();
  }

  @Test
  void whatTheAdminClientNeedsIsPassedOn() {
    SinkConfig config = new SinkConfig(options("admin.override.security.protocol", "SASL_SSL"));

    assertThat(config.admin())
        .containsOnly(
            Map.entry("security.protocol", "SASL_SSL"),
            Map.entry("bootstrap.servers", "kafka:9092"));
  }

  @Test
  void readUncommittedIsRefused() {
    assertThatThrownBy(
            () -> new SinkConfig(options("consumer.override.isolation.level", "read_uncommitted")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("read_committed");
  }

  @Test
  void toleranceWithoutDeadLettersIsRefused() {
    Map<String, String> options = options("errors.tolerance", "all");
    assertThatThrownBy(() -> new SinkConfig(options))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("loses records");

    options.put("errors.deadletterqueue.topic.name", "dead");
    assertThatThrownBy(() -> new SinkConfig(options))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("reason of a dead letter");

    options.put("errors.deadletterqueue.context.headers.enable", "true");
    new SinkConfig(options);
  }

  @Test
  void theConnectorTellsWhatIsWrongByOption() {
    DeltaSinkConnector connector = new DeltaSinkConnector();

    List<ConfigValue> values =
        connector.validate(options("errors.tolerance", "all")).configValues();

    assertThat(values)
        .filteredOn(value -> !value.errorMessages().isEmpty())
        .extracting(ConfigValue::name)
        .containsExactly("errors.deadletterqueue.topic.name");
  }

  @Test
  void everyTaskGetsAllOptions() {
    DeltaSinkConnector connector = new DeltaSinkConnector();
    connector.start(options());

    assertThat(connector.taskConfigs(2)).containsExactly(options(), options());
    assertThat(connector.version()).isEqualTo(new DeltaSinkTask().version()).contains("0.");
    connector.stop();
  }

  @Test
  void everyOptionIsDocumented() {
    assertThat(SinkConfig.OPTIONS.configKeys().values())
        .allSatisfy(key -> assertThat(key.documentation).isNotBlank());
  }
}
