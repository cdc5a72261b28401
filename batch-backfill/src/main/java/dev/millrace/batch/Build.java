package dev.millrace.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** What this was built from. */
public final class Build {

  public static final String VERSION;
  public static final String GIT_COMMIT;

  static {
    Properties build = new Properties();
    try (InputStream file = Build.class.getResourceAsStream("build.properties")) {
      build.load(Objects.requireNonNull(file, "the build writes build.properties"));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read build.properties", e);
    }
    VERSION = build.getProperty("version");
    GIT_COMMIT = build.getProperty("git.commit");
  }

  private Build() {}
}
