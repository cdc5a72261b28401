package dev.millrace.streams;

import java.nio.file.Path;
import org.springframework.core.convert.converter.Converter;

/**
 * A path in the configuration is one of the file system; Spring's own reading refuses {@code ../}.
 */
final class PlainPaths implements Converter<String, Path> {

  @Override
  public Path convert(String path) {
    return Path.of(path);
  }
}
