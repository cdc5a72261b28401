package dev.millrace.local;

import java.nio.file.Path;
import java.util.Locale;

/** The services, in the order of the flow. */
enum Service {
  INGEST,
  CLEANSING,
  FEATURES,
  SCORING;

  /** Name of the module, the process and its log. */
  String moduleName() {
    return name().toLowerCase(Locale.ROOT) + "-service";
  }

  /** The executable jar, as its module's build makes it. */
  Path jar(Path root, String version) {
    return root.resolve(moduleName())
        .resolve("target")
        .resolve("%s-%s-exec.jar".formatted(moduleName(), version));
  }
}
