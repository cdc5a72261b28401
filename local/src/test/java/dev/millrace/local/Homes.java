package dev.millrace.local;

import java.nio.file.Path;

/** Homes for tests: this tree's jars and declarations, a directory of the test's own. */
final class Homes {

  static final Path ROOT = Path.of(System.getProperty(Home.ROOT_PROPERTY)).normalize();
  static final String VERSION = System.getProperty(Home.VERSION_PROPERTY);

  private Homes() {}

  static Home in(Path work) {
    return new Home(ROOT, work, VERSION);
  }
}
