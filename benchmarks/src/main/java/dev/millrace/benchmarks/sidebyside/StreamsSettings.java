package dev.millrace.benchmarks.sidebyside;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The settings that all services' topologies run with, as {@code streams-kit} ships them. */
final class StreamsSettings {

  private static final String FILE = "/millrace-streams.yml";
  private static final String[] PATH = {
    "spring", "cloud", "stream", "kafka.streams.binder", "configuration"
  };

  private StreamsSettings() {}

  /** Those that name an instance or a place are left out. */
  static Properties shipped() {
    try (InputStream file = StreamsSettings.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException("This build of streams-kit has no " + FILE);
      }
      Object node = new Yaml(new SafeConstructor(new LoaderOptions())).load(file);
      for (String name : PATH) {
        node = child(node, name);
      }
      Properties settings = new Properties();
      ((Map<?, ?>) node)
          .forEach(
              (name, value) -> {
                if (!String.valueOf(value).contains("${")) {
                  settings.put(String.valueOf(name), String.valueOf(value));
                }
              });
      return settings;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + FILE, e);
    }
  }

  private static Object child(Object node, String name) {
    Object child = node instanceof Map<?, ?> map ? map.get(name) : null;
    if (child == null) {
      throw new IllegalStateException("%s has no %s where it was".formatted(FILE, name));
    }
    return child;
  }
}
