package dev.millrace.local;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** A stack that lives as long as one command, also if that ends by Ctrl-C or SIGTERM. */
final class StackRun {

  /** What a command does while the stack is up. */
  interface Work {

    /** Returns the exit code. */
    int on(StackRun run, Stack stack);
  }

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int INTERRUPTED = 130;

  private final Console console;
  private final Stack stack;
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private volatile int exitCodeIfInterrupted = INTERRUPTED;

  private StackRun(Console console, Stack stack) {
    this.console = console;
    this.stack = stack;
  }

  /** Starts a stack, works, stops it; returns the exit code. */
  static int of(Home home, Console console, Work work) {
    StackRun run = new StackRun(console, Stack.claim(home, console));
    Thread atExit = new Thread(run::interrupt, "stop");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      return run.work(work);
    } finally {
      run.waitIfInterrupted();
      run.stop();
      run.remove(atExit);
    }
  }

  private int work(Work work) {
    try {
      stack.start();
      return work.on(this, stack);
    } catch (RuntimeException e) {
      // Our own stopping makes what is under way fail: nothing to tell.
      waitIfInterrupted();
      throw e;
    }
  }

  /** Stays until a process of the stack fails; Ctrl-C is then the expected end. */
  int stay() {
    exitCodeIfInterrupted = OK;
    console.say(stack.failure().join());
    return FAILED;
  }

  private void interrupt() {
    interrupted.set(true);
    stop();
    Runtime.getRuntime().halt(exitCodeIfInterrupted);
  }

  private void stop() {
    if (stopping.compareAndSet(false, true)) {
      console.sayAndDrawNoMore("Stopping …");
    }
    stack.close();
    if (stopped.compareAndSet(false, true)) {
      console.say("Stopped.");
    }
  }

  private void remove(Thread atExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException alreadyInterrupted) {
      waitForTheEnd();
    }
  }

  private void waitIfInterrupted() {
    if (interrupted.get()) {
      waitForTheEnd();
    }
  }

  /** The other thread ends the JVM when all is stopped. */
  private static void waitForTheEnd() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
