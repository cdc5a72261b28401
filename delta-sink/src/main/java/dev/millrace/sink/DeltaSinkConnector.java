package dev.millrace.sink;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** Lands topics of registry-framed Avro in Delta tables, each record exactly once. */
public final class DeltaSinkConnector extends SinkConnector {

  private Map<String, String> properties = Map.of();

  /** As Connect finds it. */
  public DeltaSinkConnector() {}

  @Override
  public String version() {
    return SinkVersion.VERSION;
  }

  @Override
  public ConfigDef config() {
    return SinkConfig.OPTIONS;
  }

  @Override
  public Config validate(Map<String, String> properties) {
    Config config = super.validate(properties);
    Map<String, String> problems = SinkConfig.problems(properties);
    for (ConfigValue value : config.configValues()) {
      String problem = problems.get(value.name());
      if (problem != null) {
        value.addErrorMessage(problem);
      }
    }
    return config;
  }

  @Override
  public void start(Map<String, String> properties) {
    this.properties = Map.copyOf(new SinkConfig(properties).originalsStrings());
  }

  @Override
  public Class<? extends Task> taskClass() {
    return DeltaSinkTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return Collections.nCopies(maxTasks, properties);
  }

  @Override
  public void stop() {}
}
