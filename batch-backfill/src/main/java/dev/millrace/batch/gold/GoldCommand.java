package dev.millrace.batch.gold;

import dev.millrace.batch.Lake;
import dev.millrace.batch.LakeOption;
import dev.millrace.batch.Sessions;
import dev.millrace.batch.Steps;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Silver to Gold. */
@Command(
    name = "gold",
    description = {
      "Brings the Gold tables, gold/*, to what Silver has now.",
      "Only events that a table does not have yet are read; a table that is declared otherwise now, or that somebody else has changed, is made anew."
    },
    mixinStandardHelpOptions = true)
public final class GoldCommand implements Callable<Integer> {

  @Mixin private LakeOption place = new LakeOption();

  @Override
  public Integer call() throws IOException {
    try (SparkSession spark = Sessions.start("gold")) {
      Steps steps = new Steps(System.out);
      Lake lake = new Lake(spark, place.uri());
      for (Gold.Updated updated : new Gold(lake, GoldTables.ALL_TABLES, steps).run()) {
        steps.say(told(updated, lake.pin(updated.table().path())));
      }
      return 0;
    }
  }

  private static String told(Gold.Updated updated, Lake.Pinned table) {
    String what = updated.taken() == 0 ? "already up to date" : "new events added";
    if (updated.why() != null) {
      what = "made of all events: " + updated.why();
    }
    return String.format(
        Locale.ROOT,
        "%-26s %,12d events in %,12d rows  version %d  %s",
        table.name(),
        updated.taken(),
        table.rows().count(),
        table.version(),
        what);
  }
}
