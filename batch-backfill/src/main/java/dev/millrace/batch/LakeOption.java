package dev.millrace.batch;

import picocli.CommandLine.Option;

/** Where the tables are, for every command alike. */
public final class LakeOption {

  @Option(
      names = "--lake",
      paramLabel = "URI",
      defaultValue = "${MILLRACE_LAKE_URI}",
      required = true,
      description = "The folder of the tables (MILLRACE_LAKE_URI).")
  private String uri = "";

  public String uri() {
    return uri;
  }
}
