package dev.millrace.local;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "backfill",
    description = {
      "Rebuilds the lake's clean events, duplicates, quarantine and features from its raw events, with Spark, in tables of their own: backfill/served/TABLE.",
      "What was rebuilt from the same before is left as it is."
    })
final class BackfillCommand implements Callable<Integer> {

  private final Home home;

  BackfillCommand(Home home) {
    this.home = home;
  }

  @Override
  public Integer call() {
    return new Batch(home).run("backfill", List.of());
  }
}
