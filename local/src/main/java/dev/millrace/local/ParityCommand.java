package dev.millrace.local;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "parity",
    description = {
      "Proves that nothing changed: folds every raw event of the lake again, with Spark, and compares each outcome with what was served.",
      "Exit code 0: nothing differs; 3: something does, and the first example of each reason is told."
    })
final class ParityCommand implements Callable<Integer> {

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Into how many parts users are divided; changes no result.")
  private int partitions;

  private final Home home;

  ParityCommand(Home home) {
    this.home = home;
  }

  @Override
  public Integer call() {
    List<String> arguments = new ArrayList<>();
    if (partitions > 0) {
      arguments.add("--partitions=" + partitions);
    }
    return new Batch(home).run("parity", arguments);
  }
}
