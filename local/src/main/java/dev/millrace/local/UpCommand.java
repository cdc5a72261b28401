package dev.millrace.local;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "up",
    description =
        "Starts Kafka, the schema registry, Redis, the four services and Kafka Connect, and keeps them up until Ctrl-C or ./millrace down.")
final class UpCommand implements Callable<Integer> {

  private final Home home;
  private final Console console;

  UpCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    return StackRun.of(home, console, this::stay);
  }

  private int stay(StackRun run, Stack stack) {
    console.say("");
    console.say(
        "Millrace is up. Ctrl-C stops it, and so does ./millrace down; one log per process is in "
            + home.logs());
    console.say(Hints.postAndLookUp(stack));
    console.say("What flows is kept in Delta tables: " + home.lake());
    return run.stay();
  }
}
