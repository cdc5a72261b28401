package dev.millrace.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** Of the project, as the build knows it. */
final class SinkVersion {

  static final String VERSION = read();

  private SinkVersion() {}

  private static String read() {
    Properties properties = new Properties();
    try (InputStream in = SinkVersion.class.getResourceAsStream("delta-sink.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read delta-sink.properties from the plugin", e);
    }
    return Objects.requireNonNull(properties.getProperty("version"));
  }
}
