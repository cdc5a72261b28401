package dev.millrace.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with the lake's rows.
 *
 * @param at when it was looked at
 * @param versions of the tables
 * @param findings every check of every table, in their order
 * @param pending outcomes of events of the last minutes that are still to come, and outcomes whose
 *     rows are still to be landed
 * @param newest when the newest raw event arrived; null if there is none
 * @param nullShares of the clean events' columns, between 0 and 1, of those that have any
 */
record QualityReport(
    Instant at,
    SortedMap<String, Long> versions,
    List<Finding> findings,
    long pending,
    @Nullable Instant newest,
    @JsonProperty("null_shares") SortedMap<String, Double> nullShares) {

  /** What can be wrong beyond what a contract says. Names are promises: add, never rename. */
  enum Check {
    /** A record was landed twice. */
    DUPLICATE_POSITION,
    /** An id is twice among its user's clean events, and was remembered when it came again. */
    DUPLICATE_EVENT_ID,
    /** An id is among the clean events of several users. It is told and stops nothing. */
    SHARED_EVENT_ID,
    /** A row has no outcome, and others behind it have. */
    LOST,
    /** A row has several. */
    DOUBLED,
    /** An outcome is of a row that is not there. */
    ORPHAN,
    /** Outcomes of old rows are still to come, or the newest row is too old. */
    STALE,
    /** What the contract demands; a rule that is broken is told by its own name instead. */
    CONTRACT,
    /** A score is no probability. */
    OUT_OF_RANGE;

    boolean stops() {
      return this != SHARED_EVENT_ID;
    }
  }

  /**
   * One check of one table.
   *
   * @param check a {@link Check}, or the {@link dev.millrace.core.Reason} that a rule of the
   *     contract has; {@code CONTRACT} if all of them hold
   * @param about the field, or the table of the outcomes; null for all of it
   * @param stops the next step, if there are any
   * @param first of those that are wrong, in the log; null if there are none
   */
  record Finding(
      String table,
      String check,
      @Nullable String about,
      long rows,
      long wrong,
      boolean stops,
      @Nullable String first) {

    boolean isFailure() {
      return stops && wrong > 0;
    }
  }

  QualityReport {
    findings = List.copyOf(findings);
  }

  /** Whether the next step may go on. */
  boolean passed() {
    return findings.stream().noneMatch(Finding::isFailure);
  }

  /** For people. */
  List<String> told() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(Locale.ROOT, "%-28s %-50s %12s %10s", "table", "check", "rows", "wrong"));
    for (Finding finding : findings) {
      String check =
          finding.about() == null ? finding.check() : finding.check() + " " + finding.about();
      lines.add(
          String.format(
              Locale.ROOT,
              "%-28s %-50s %,12d %,10d%s",
              finding.table(),
              check,
              finding.rows(),
              finding.wrong(),
              finding.first() == null ? "" : "  first: " + finding.first()));
    }
    if (pending > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%,d outcomes of events of the last minutes are still to come.",
              pending));
    }
    lines.add(
        newest == null
            ? "There is no raw event."
            : "The newest raw event arrived at " + newest + ".");
    long failed = findings.stream().filter(Finding::isFailure).count();
    lines.add(
        failed == 0
            ? String.format(Locale.ROOT, "quality: passed, %d checks", findings.size())
            : String.format(
                Locale.ROOT, "quality: FAILED, %d of %d checks", failed, findings.size()));
    return lines;
  }
}
