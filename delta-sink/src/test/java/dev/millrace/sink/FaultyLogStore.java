package dev.millrace.sink;

import dev.millrace.lake.ExclusiveLocalLogStore;
import io.delta.storage.HadoopFileSystemLogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * The store that the sink has, in a process to which something is to happen just before or just
 * after a commit of rows. It is told by files in the folder that the environment names, each of
 * which one process takes, once:
 *
 * <ul>
 *   <li>{@code halt-before}, {@code halt-after}: the process ends at once, as by {@code kill -9}
 *   <li>{@code wait-before}: writes its process id, the transaction id and its version into {@code
 *       wait-before.by}, and goes on when there is {@code wait-before.go}; then, when the commit
 *       has succeeded or failed, there is {@code wait-before.over}. Only a commit of several rows
 *       does.
 *   <li>{@code wait-behind}, with a transaction id: as {@code wait-before}, but for a commit of
 *       this id behind another that has succeeded, which leaves {@code wait-behind.first}
 * </ul>
 */
public final class FaultyLogStore extends HadoopFileSystemLogStore {

  private static final String FOLDER = "MILLRACE_FAULTS";

  /** Version 0 makes the table and has no rows. */
  private static final Pattern COMMIT = Pattern.compile("(?!0{20})\\d{20}\\.json");

  private static final Pattern TRANSACTION =
      Pattern.compile("\"txn\":\\{\"appId\":\"([^\"]+)\",\"version\":(\\d+)");
  private static final Pattern ROWS = Pattern.compile("numRecords\\\\\":(\\d+)");
  private static final int SEVERAL = 5;

  private static final int AS_BY_SIGKILL = 137;
  private static final long POLL_NANOS = 5_000_000;

  /**
   * What a commit says.
   *
   * @param id of its transaction
   */
  private record Commit(String id, long version, long rows) {
    static Commit of(String lines) {
      Matcher transaction = TRANSACTION.matcher(lines);
      if (!transaction.find()) {
        throw new IllegalStateException("A commit of the sink without a transaction: " + lines);
      }
      return new Commit(
          transaction.group(1),
          Long.parseLong(transaction.group(2)),
          ROWS.matcher(lines).results().mapToLong(rows -> Long.parseLong(rows.group(1))).sum());
    }
  }

  private final ExclusiveLocalLogStore store;
  private final Path folder;

  /** As Kernel makes it. */
  public FaultyLogStore(Configuration configuration) {
    super(configuration);
    store = new ExclusiveLocalLogStore(configuration);
    folder = Path.of(System.getenv(FOLDER));
  }

  @Override
  public void write(
      org.apache.hadoop.fs.Path path,
      Iterator<String> lines,
      Boolean overwrite,
      Configuration configuration)
      throws IOException {
    if (!COMMIT.matcher(path.getName()).matches()) {
      store.write(path, lines, overwrite, configuration);
      return;
    }
    List<String> actions = new ArrayList<>();
    lines.forEachRemaining(actions::add);
    Commit commit = Commit.of(String.join("\n", actions));
    haltIf("halt-before");
    Optional<String> waited = waitIfTold(commit);
    try {
      store.write(path, actions.iterator(), overwrite, configuration);
      noteFirst(commit);
    } finally {
      if (waited.isPresent()) {
        Files.createFile(folder.resolve(waited.get() + ".over"));
      }
    }
    haltIf("halt-after");
  }

  private Optional<String> waitIfTold(Commit commit) throws IOException {
    String order = isSecond(commit) ? "wait-behind" : "wait-before";
    if (order.equals("wait-before") && commit.rows() < SEVERAL || !take(order)) {
      return Optional.empty();
    }
    Path by = folder.resolve(order + ".by");
    Path writing = folder.resolve(order + ".writing");
    Files.writeString(
        writing,
        "%d %s %d".formatted(ProcessHandle.current().pid(), commit.id(), commit.version()));
    Files.move(writing, by, StandardCopyOption.ATOMIC_MOVE);
    while (!Files.exists(folder.resolve(order + ".go"))) {
      LockSupport.parkNanos(POLL_NANOS);
    }
    return Optional.of(order);
  }

  private boolean isSecond(Commit commit) throws IOException {
    return isTold(commit) && Files.exists(folder.resolve("wait-behind.first"));
  }

  private void noteFirst(Commit commit) throws IOException {
    Path first = folder.resolve("wait-behind.first");
    if (isTold(commit) && !Files.exists(first)) {
      Files.createFile(first);
    }
  }

  /** Whether it is the transaction id of {@code wait-behind}, which nobody has taken yet. */
  private boolean isTold(Commit commit) throws IOException {
    try {
      return Files.readString(folder.resolve("wait-behind")).equals(commit.id());
    } catch (NoSuchFileException notTold) {
      return false;
    }
  }

  private void haltIf(String order) throws IOException {
    if (take(order)) {
      Runtime.getRuntime().halt(AS_BY_SIGKILL);
    }
  }

  private boolean take(String order) throws IOException {
    try {
      Files.move(
          folder.resolve(order), folder.resolve(order + ".taken"), StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException notOrdered) {
      return false;
    }
  }

  @Override
  public Boolean isPartialWriteVisible(
      org.apache.hadoop.fs.Path path, Configuration configuration) {
    return store.isPartialWriteVisible(path, configuration);
  }
}
