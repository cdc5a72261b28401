package dev.millrace.local;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which file declares which version: one is for ever what it was first, so two files can't. */
final class DeclaredVersions {

  private final Map<String, Path> files = new TreeMap<>();

  /** Notes the file; says what is wrong if another one declares the same version. */
  Optional<String> add(Path file, String kind, String name, int version) {
    String what = "%s %s version %d".formatted(kind, name, version);
    @Nullable Path other = files.putIfAbsent(what, file);
    return other == null
        ? Optional.empty()
        : Optional.of(
            "%s: declares %s, as %s does; give one of them another version"
                .formatted(file, what, other));
  }
}
