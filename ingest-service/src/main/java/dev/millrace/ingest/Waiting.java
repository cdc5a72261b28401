package dev.millrace.ingest;

/**
 * A file that waits in the landing folder.
 *
 * @param path below the landing folder, with slashes
 * @param source the folder that it lies in; empty if it lies in none: no mapping is called so
 * @param name its path below that folder, or the name it was uploaded by
 * @param version what is another if the file was changed or replaced
 * @param uploaded by us, so that it is complete
 */
record Waiting(
    String path, String source, String name, long bytes, Object version, boolean uploaded) {

  static Waiting put(String path, long bytes, Object version) {
    int slash = path.indexOf('/');
    return new Waiting(
        path,
        slash < 0 ? "" : path.substring(0, slash),
        path.substring(slash + 1),
        bytes,
        version,
        false);
  }

  static Waiting uploaded(String path, String name, long bytes, Object version) {
    return new Waiting(path, path.substring(0, path.indexOf('/')), name, bytes, version, true);
  }

  /**
   * Whether a file or folder of that name is kept from being taken, as Hadoop's tools do it too.
   */
  static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_") || name.endsWith(".part");
  }
}
