package dev.millrace.model;

import java.util.regex.Pattern;

/**
 * The one feature set, to the byte, whose vectors a model may score.
 *
 * @param name for example {@code user-activity}
 * @param version from 1
 * @param sha256 of the compiled feature set, 64 lower-case hex digits
 */
public record FeatureSetPin(String name, int version, String sha256) {

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  public FeatureSetPin {
    Names.requireName("feature set", name);
    if (version < 1) {
      throw new IllegalArgumentException(
          "Feature set %s has version %d; versions count from 1".formatted(name, version));
    }
    if (!SHA_256.matcher(sha256).matches()) {
      throw new IllegalArgumentException(
          "Feature set %s is pinned to '%s', which is no SHA-256; give 64 lower-case hex digits"
              .formatted(name, sha256));
    }
  }
}
