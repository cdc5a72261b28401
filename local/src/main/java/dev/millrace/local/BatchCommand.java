package dev.millrace.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The commands of batch-backfill, for the lake of this machine; it reads the options itself. */
enum BatchCommand {
  BACKFILL(
      List.of(
          "Rebuilds the lake's clean events, duplicates, quarantine and features from its raw events, with Spark, in tables of their own: backfill/ORDER/TABLE.",
          "What was rebuilt from the same before is left as it is."),
      List.of(
          option(
              "--order",
              "ORDER",
              "served: as the log has each user's events, bit for bit what was served. corrected: by event time, as training wants it (default: served)."),
          featureSet(),
          from(),
          to(),
          partitions())),

  PARITY(
      List.of(
          "Proves that nothing changed: folds every raw event of the lake again, with Spark, and compares each outcome with what was served.",
          "If something differs the exit code is 3, and of each reason the first example is told."),
      List.of(from(), to(), partitions())),

  SKEW(
      List.of(
          "Tells which vectors would be others, had each user's events come in the order of their times, which features, and why."),
      List.of(featureSet(), from(), to(), partitions())),

  QUALITY(
      List.of(
          "Looks for rows of the lake that were lost, doubled or changed: records, event ids, the rules of the contracts, and an outcome for everything.",
          "Exit code 0: the next step may go on; 3: it may not, and of each kind the first is told."),
      List.of(
          option(
              "--max-age",
              "SPAN",
              "How old the newest raw event may be, such as 90m, 36h or 2d; by default as old as it is."))),

  MAINTAIN(
      List.of(
          "Makes few large files of many small ones in the lake, clustered by user, and deletes files that no version of the last week has.",
          "Changes no row, unless days are to be dropped. What is in order is left as it is."),
      List.of(
          OptionSpec.builder("--keep")
              .paramLabel("TABLE=DAYS")
              .type(List.class)
              .auxiliaryTypes(String.class)
              .description(
                  "Drops rows of days before the last DAYS, today not counted, such as events_raw=400; by default every day is kept. May be given for several tables.")
              .build())),

  HISTORY(
      List.of(
          "Tells the versions of the lake's tables: when each was written, by what, and how many rows. Any of them can be read again as it was, for a week at least."),
      List.of(
          option("--table", "TABLE", "Of this table; by default of all."),
          option("--limit", "N", "The newest N versions of each; by default 10."),
          OptionSpec.builder("--digest")
              .arity("0")
              .type(boolean.class)
              .description(
                  "Also counts and hashes the rows of the newest version: the same SHA-256 if and only if the rows are the same, in whatever order and files.")
              .build())),

  GOLD(
      List.of(
          "Brings the Gold tables of the lake, gold/*, to what its clean events have now, with Spark: users, locations, hours, products, orders, and what users did and categories sold.",
          "Only events that a table does not have yet are read."),
      List.of()),

  PUBLISH_GOLD(
      List.of(
          "Upserts the Gold tables into a database, as dw_*, each in one transaction.",
          "The password is read from the environment only: MILLRACE_JDBC_PASSWORD."),
      List.of(
          OptionSpec.builder(
                  option(
                      "--jdbc", "URL", "The database, such as jdbc:mariadb://HOST:3306/DATABASE."))
              .required(true)
              .build(),
          option("--user", "NAME", "Who logs in.")));

  private final List<String> description;
  private final List<OptionSpec> options;

  BatchCommand(List<String> description, List<OptionSpec> options) {
    this.description = description;
    this.options = options;
  }

  private static OptionSpec option(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .description(description)
        .build();
  }

  private static OptionSpec from() {
    return option(
        "--from",
        "TIME|OFFSETS",
        "Outcomes of raw events from here on only: a time of the log, such as 2026-03-01T00:00:00Z, or PARTITION:OFFSET,…. What comes before is folded all the same.");
  }

  private static OptionSpec to() {
    return option("--to", "TIME|OFFSETS", "Outcomes of raw events before this only.");
  }

  private static OptionSpec featureSet() {
    return option(
        "--feature-set",
        "NAME@VERSION",
        "Folds every event by this feature set, in place of those that were in force for it.");
  }

  private static OptionSpec partitions() {
    return option("--partitions", "N", "Into how many parts users are divided; changes no result.");
  }

  String command() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  CommandLine commandLine(Home home) {
    CommandSpec[] spec = new CommandSpec[1];
    Callable<Integer> run = () -> new Batch(home).run(command(), given(spec[0]));
    spec[0] = CommandSpec.wrapWithoutInspection(run);
    spec[0].name(command());
    spec[0].usageMessage().description(description.toArray(String[]::new));
    options.forEach(option -> spec[0].addOption(OptionSpec.builder(option).build()));
    return new CommandLine(spec[0]);
  }

  private static List<String> given(CommandSpec spec) {
    List<String> given = new ArrayList<>();
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      if (option.arity().max() == 0) {
        given.add(option.longestName());
      } else {
        for (String value : option.originalStringValues()) {
          given.add(option.longestName() + "=" + value);
        }
      }
    }
    return given;
  }
}
