package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.UserActivity;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The features of Chronon's quick start, over its own data: sums, counts and averages of purchases
 * and of returns over 3, 14 and 30 days and the last ten purchases, as of each checkout. The data
 * is no part of the project: -Dmillrace.data names the directory that has it in chronon/.
 *
 * <p>Chronon's window at time t holds the events from floor(t − W, hop) on and before t; the hop is
 * a day from 12 days on, an hour from 12 hours on, and else five minutes (its {@code
 * FiveMinuteResolution} and {@code NaiveAggregator}). Purchases come by batch only, and so are as
 * of the midnight before; returns have a topic, and so are as of the moment.
 */
@EnabledIfSystemProperty(named = "millrace.data", matches = ".+")
class ChrononTest {

  private static final List<Integer> DAYS = List.of(3, 14, 30);
  private static final int LAST = 10;

  /** Each window that holds other events here than in Chronon, with those events. */
  private static final Path DIFFERENCES =
      Path.of("src", "test", "resources", "chronon-differences.txt");

  private static final FeatureSet SET =
      FeatureSetDeclaration.compile(
              "quickstart.yaml",
              """
              feature_set: quickstart
              version: 1
              entity: user_id
              source: events.clean
              let: {is_purchase: "event_type == 'purchases'", is_return: "event_type == 'returns'"}
              features:
                - {name: purchases_sum,   op: sum,   of: value_micros, where: is_purchase, windows: [3d, 14d, 30d]}
                - {name: purchases_count, op: count,                   where: is_purchase, windows: [3d, 14d, 30d]}
                - {name: purchases_mean,  op: mean,  of: value_micros, where: is_purchase, windows: [3d, 14d, 30d]}
                - {name: purchases_last,  op: last_k, of: value_micros, where: is_purchase, k: 10}
                - {name: returns_sum,     op: sum,   of: value_micros, where: is_return,   windows: [3d, 14d, 30d]}
                - {name: returns_count,   op: count,                   where: is_return,   windows: [3d, 14d, 30d]}
                - {name: returns_mean,    op: mean,  of: value_micros, where: is_return,   windows: [3d, 14d, 30d]}
              """)
          .set();

  /**
   * A line of a table.
   *
   * @param line from 1; breaks ties, as an origin does
   * @param micros the price or the refund × 10⁶
   */
  private record Row(String table, int line, String user, Instant time, long micros) {}

  private static final Comparator<Row> CORRECTED =
      Comparator.comparing(Row::time).thenComparing(Row::table).thenComparing(Row::line);

  private static List<Row> rows(String table, String amount) throws IOException {
    Path file =
        Path.of("..")
            .resolve(System.getProperty("millrace.data"))
            .resolve("chronon/" + table + ".csv");
    List<String> lines = Files.readAllLines(file);
    List<String> names = List.of(lines.get(0).split(","));
    List<Row> rows = new ArrayList<>();
    for (int line = 1; line < lines.size(); line++) {
      String[] cells = lines.get(line).split(",");
      rows.add(
          new Row(
              table,
              line,
              cells[names.indexOf("user_id")],
              Instant.ofEpochMilli(Long.parseLong(cells[names.indexOf("ts")])),
              new BigDecimal(cells[names.indexOf(amount)]).movePointRight(6).longValueExact()));
    }
    return rows;
  }

  private static CleanEvent event(Row row) {
    return new CleanEvent(
        row.user(),
        row.table() + "-" + row.line(),
        false,
        row.time(),
        row.time(),
        false,
        new Origin("quickstart", 0, row.line()),
        "quickstart",
        0,
        new EventContent.Builder()
            .put(EventField.EVENT_TYPE, row.table())
            .put(EventField.EVENT_TIME, row.time())
            .put(EventField.VALUE_MICROS, row.micros())
            .build(),
        List.of());
  }

  /** The columns as of a moment, of what happened before it. */
  private static Map<String, Object> folded(List<Row> ofUser, Instant at) {
    FeatureFold fold = new FeatureFold(SET);
    UserActivity activity = fold.start();
    ofUser.stream()
        .filter(row -> row.time().isBefore(at))
        .sorted(CORRECTED)
        .forEach(row -> fold.fold(activity, event(row)));
    List<Object> values = fold.read(activity, at);
    Map<String, Object> columns = new TreeMap<>();
    for (int i = 0; i < values.size(); i++) {
      columns.put(SET.columnNames().get(i), values.get(i));
    }
    return columns;
  }

  private static List<Row> within(List<Row> ofUser, String table, Instant from, Instant before) {
    return ofUser.stream()
        .filter(row -> row.table().equals(table))
        .filter(row -> !row.time().isBefore(from) && row.time().isBefore(before))
        .sorted(CORRECTED)
        .toList();
  }

  private static Instant floor(Instant time, Duration hop) {
    long millis = hop.toMillis();
    return Instant.ofEpochMilli(Math.floorDiv(time.toEpochMilli(), millis) * millis);
  }

  private static Duration chrononsHop(int days) {
    return days >= 12 ? Duration.ofDays(1) : Duration.ofHours(1);
  }

  private static long sum(List<Row> rows) {
    return rows.stream().mapToLong(Row::micros).sum();
  }

  /** A line for each window that holds other events here, and which those are. */
  private static Stream<String> compared(List<Row> ofUser, String table, String user, Instant at) {
    Map<String, Object> here = folded(ofUser, at);
    List<String> differences = new ArrayList<>();
    for (int days : DAYS) {
      Instant start = floor(at.minus(Duration.ofDays(days)), chrononsHop(days));
      Instant startHere =
          floor(
              at.minus(Duration.ofDays(days)),
              days == 3 ? Duration.ofHours(6) : Duration.ofDays(1));
      List<Row> chronons = within(ofUser, table, start, at);
      List<Row> boundary = within(ofUser, table, startHere, start);
      long count = chronons.size() + boundary.size();
      long sum = sum(chronons) + sum(boundary);

      assertThat(here)
          .containsEntry(table + "_count_" + days + "d", count)
          .containsEntry(table + "_sum_" + days + "d", sum)
          .containsEntry(table + "_mean_" + days + "d", count == 0 ? null : (double) sum / count);
      if (!boundary.isEmpty()) {
        differences.add(
            "%s of user %s as of %s, %dd: %d worth %d, and Chronon has %d worth %d; from %s on and not from %s: %s"
                .formatted(
                    table,
                    user,
                    at,
                    days,
                    count,
                    sum / 1_000_000,
                    chronons.size(),
                    sum(chronons) / 1_000_000,
                    startHere,
                    start,
                    boundary.stream()
                        .map(row -> row.micros() / 1_000_000 + " at " + row.time())
                        .toList()));
      }
    }
    return differences.stream();
  }

  @Test
  void theQuickStartsFeaturesAreChrononsButForTheDeclaredBoundaryOfTheWindow() throws IOException {
    Map<String, List<Row>> byUser = new TreeMap<>();
    Stream.concat(
            rows("purchases", "purchase_price").stream(), rows("returns", "refund_amt").stream())
        .forEach(row -> byUser.computeIfAbsent(row.user(), none -> new ArrayList<>()).add(row));
    List<Row> checkouts = rows("checkouts", "refund_amt");
    Set<String> served = new TreeSet<>();
    Set<String> ofTheMoment = new TreeSet<>();

    for (Row checkout : checkouts) {
      String user = checkout.user();
      List<Row> ofUser = byUser.getOrDefault(user, List.of());
      Instant moment = checkout.time();
      Instant midnight = moment.truncatedTo(ChronoUnit.DAYS);
      // A tie would be in here, and not in Chronon's.
      assertThat(ofUser).noneMatch(row -> row.time().equals(moment) || row.time().equals(midnight));

      compared(ofUser, "purchases", user, midnight).forEach(served::add);
      compared(ofUser, "returns", user, moment).forEach(served::add);
      compared(ofUser, "purchases", user, moment).forEach(ofTheMoment::add);
      assertThat(folded(ofUser, midnight))
          .containsEntry("purchases_last", lastOf(ofUser, midnight));
    }

    assertThat(checkouts).hasSize(200);
    String told =
        listed(
                "As Chronon has them, purchases of the midnight before, returns of the moment",
                served)
            + listed("Purchases of the moment, as returns are", ofTheMoment);
    assertThat(told).isEqualTo(Files.readString(DIFFERENCES));
  }

  private static String listed(String title, Set<String> differences) {
    return title
        + ": "
        + differences.size()
        + " differ\n"
        + String.join("\n", differences)
        + "\n\n";
  }

  private static List<Long> lastOf(List<Row> ofUser, Instant at) {
    return within(ofUser, "purchases", Instant.EPOCH, at).stream()
        .sorted(CORRECTED.reversed())
        .limit(LAST)
        .map(Row::micros)
        .toList();
  }
}
