package dev.millrace.local;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "prove",
    description = {
      "Proves under fire what Millrace promises, with servers of its own; a running stack is left alone.",
      "sink: that each record is landed in its table exactly once. Records are written in transactions, some aborted, while Connect's workers are killed, also between Parquet files and commit and between commit and offsets, sleep past their sessions, come and go, a topic is deleted and created again, and Spark compacts the tables. Then each row is compared with Kafka's record.",
      "The seed decides what happens, and in which order. Exit code 1: a seed was not right."
    })
final class ProveCommand implements Callable<Integer> {

  @Parameters(paramLabel = "WHAT", description = "sink")
  private String what = "";

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many; three have all that can happen (default: 20).")
  private int seeds;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "The first of them (default: 1).")
  private long seed;

  @Option(
      names = "--at-once",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "How many seeds are tried at the same time, each with two workers (default: 2).")
  private int atOnce;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Home home;
  private final Console console;

  ProveCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    if (!what.equals("sink")) {
      throw wrong("'%s' can't be proved; sink can".formatted(what));
    }
    if (seeds < 1) {
      throw wrong("--seeds takes a number from 1 on, not %d".formatted(seeds));
    }
    if (atOnce < 1) {
      throw wrong("--at-once takes a number from 1 on, not %d".formatted(atOnce));
    }
    List<Long> all = LongStream.range(seed, seed + seeds).boxed().toList();
    return SinkProof.run(home.forProofs(), console, Fault.ALL, all, atOnce);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
