package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.features.FeatureSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The feature set that comes with this release. */
public final class FeatureSets {

  private static final String USER_ACTIVITY = "user-activity.yaml";

  private FeatureSets() {}

  /** As {@code schemas/feature-sets/user-activity.yaml} declares it. */
  public static FeatureSet userActivity() {
    String path = "/feature-sets/" + USER_ACTIVITY;
    try (InputStream file = FeatureSets.class.getResourceAsStream(path)) {
      if (file == null) {
        throw new IllegalStateException("This build of schemas has no " + path);
      }
      return FeatureSetDeclaration.compile(USER_ACTIVITY, new String(file.readAllBytes(), UTF_8))
          .set();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + path + " of this build of schemas", e);
    }
  }
}
