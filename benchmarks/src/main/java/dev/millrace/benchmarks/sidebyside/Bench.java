package dev.millrace.benchmarks.sidebyside;

import dev.millrace.local.MeasuredStack;
import dev.millrace.local.Tuning;
import dev.millrace.servers.ChildProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * What measurements work with: a place, a size, and processes that end with this.
 *
 * @param root the tree that is measured
 * @param work where measurements may write
 * @param profile whether processes record where their time goes
 */
record Bench(
    Path root,
    Path work,
    String version,
    Size size,
    boolean profile,
    PrintStream out,
    List<AutoCloseable> running)
    implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final int LINES_WITH_RESULT = 200;
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  /** Of a server: both compilers, the collector for throughput, a heap that is bounded. */
  private static final List<String> SERVER_JVM =
      List.of("-XX:+UseParallelGC", "-XX:TieredStopAtLevel=4", "-Xmx1g");

  Bench(Path root, Path work, String version, Size size, boolean profile, PrintStream out) {
    this(root, work, version, size, profile, out, new CopyOnWriteArrayList<>());
  }

  /** The same with other numbers of turns, and another slice. */
  Bench with(int repetitions, int warmUps, int slice) {
    Size other =
        new Size(
            repetitions,
            warmUps,
            slice,
            size.users(),
            size.foldEvents(),
            size.fewUsers(),
            size.manyUsers(),
            size.restored());
    return new Bench(root, work, version, other, profile, out, running);
  }

  void say(String text) {
    out.println(text);
  }

  /** The stack without services, as servers run it. */
  MeasuredStack stack() {
    return stack(service -> List.of());
  }

  /**
   * @param arguments of each service; asked when it is started
   */
  MeasuredStack stack(Function<String, List<String>> arguments) {
    return stack(process -> SERVER_JVM, arguments);
  }

  MeasuredStack stack(
      Function<String, List<String>> jvm, Function<String, List<String>> arguments) {
    Tuning tuning =
        new Tuning() {
          @Override
          public List<String> jvm(String process) {
            List<String> flags = new ArrayList<>(List.of("-XX:-UseSerialGC"));
            flags.addAll(jvm.apply(process));
            flags.addAll(recording(process));
            return flags;
          }

          @Override
          public List<String> arguments(String service) {
            return arguments.apply(service);
          }
        };
    MeasuredStack stack = MeasuredStack.start(root, work.resolve("stack"), version, out, tuning);
    running.add(stack);
    return stack;
  }

  static List<String> serverJvm() {
    return SERVER_JVM;
  }

  /** A program of this module as a process of its own; returns when it says that it is ready. */
  ChildProcess program(String name, Class<?> program, List<String> arguments) {
    List<String> jvm = new ArrayList<>(SERVER_JVM);
    jvm.addAll(recording(name));
    ChildProcess process = start(name, program, jvm, arguments);
    process.awaitReady(START_TIMEOUT, () -> process.logTail(20).contains(Programs.READY));
    return process;
  }

  private ChildProcess start(
      String name, Class<?> program, List<String> jvm, List<String> arguments) {
    List<String> command = new ArrayList<>(jvm);
    command.addAll(
        List.of(
            "-Dlogback.configurationFile=dev/millrace/benchmarks/logback.xml",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName()));
    command.addAll(arguments);
    ChildProcess process =
        ChildProcess.start(
            name, work.resolve("logs").resolve(name + ".log"), ChildProcess.java(command));
    running.add(process);
    return process;
  }

  /**
   * A program that measures by itself.
   *
   * @return what stands behind {@link Programs#RESULT} in its output
   */
  ByName<Double> result(String name, Class<?> program, List<String> jvm, List<String> arguments) {
    ChildProcess process = start(name, program, jvm, arguments);
    int code = process.onExit().join();
    Optional<ByName<Double>> result = Programs.result(process.logTail(LINES_WITH_RESULT));
    if (code != 0 || result.isEmpty()) {
      throw new IllegalStateException(
          "%s ended with %d and without a result; its log ends:%n%s%nsee %s"
              .formatted(name, code, process.logTail(20), process.log()));
    }
    return result.get();
  }

  private List<String> recording(String process) {
    if (!profile) {
      return List.of();
    }
    try {
      Files.createDirectories(profiles());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create " + profiles(), e);
    }
    return List.of(
        "-XX:StartFlightRecording:settings=profile,dumponexit=true,filename="
            + profiles().resolve(process + ".jfr"),
        "-Xlog:jfr*=off");
  }

  Path profiles() {
    return work.resolve("profiles");
  }

  /** Ends what still runs, the latest first. */
  @Override
  public void close() {
    for (int i = running.size() - 1; i >= 0; i--) {
      AutoCloseable one = running.get(i);
      if (one instanceof ChildProcess process) {
        process.terminate(STOP_TIMEOUT);
      } else if (one instanceof MeasuredStack stack) {
        stack.close();
      }
    }
    running.clear();
  }
}
