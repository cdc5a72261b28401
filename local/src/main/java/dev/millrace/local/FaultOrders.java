package dev.millrace.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** What the log store of workers is told to do, and what it tells, by files in a folder. */
final class FaultOrders {

  /** As {@code dev.millrace.sink.FaultyLogStore} knows them. */
  static final String HALT_BEFORE = "halt-before";

  static final String HALT_AFTER = "halt-after";
  static final String WAIT_BEFORE = "wait-before";
  static final String WAIT_BEHIND = "wait-behind";

  private static final List<String> STATES = List.of("", ".taken", ".by", ".go", ".over", ".first");

  /**
   * Who waits with a commit in its hands.
   *
   * @param transactionId of the commit
   */
  record Waiting(long pid, String transactionId) {}

  private final Path folder;

  FaultOrders(Path folder) {
    this.folder = folder;
  }

  void createFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CommandException("Cannot create " + folder, e);
    }
  }

  /** One process takes it, once. */
  void give(String order, String content) {
    try {
      Path writing = Files.writeString(folder.resolve("writing"), content);
      Files.move(writing, folder.resolve(order), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CommandException("Cannot write into " + folder, e);
    }
  }

  boolean isWaiting(String order) {
    return Files.exists(folder.resolve(order + ".by"));
  }

  Waiting waiting(String order) {
    try {
      String[] words = Files.readString(folder.resolve(order + ".by")).split(" ", -1);
      return new Waiting(Long.parseLong(words[0]), words[1]);
    } catch (IOException e) {
      throw new CommandException("Cannot read from " + folder, e);
    }
  }

  /** Lets go on who waits. */
  void go(String order) {
    give(order + ".go", "");
  }

  /** Whether who waited has committed since, or failed to. */
  boolean isOver(String order) {
    return Files.exists(folder.resolve(order + ".over"));
  }

  /** Takes away what is left of an order, so that it can be given again. */
  void forget(String order) {
    try {
      for (String state : STATES) {
        Files.deleteIfExists(folder.resolve(order + state));
      }
    } catch (IOException e) {
      throw new CommandException("Cannot delete from " + folder, e);
    }
  }
}
