package dev.millrace.servers;

import java.nio.file.Path;
import java.util.List;

/** A JVM that starts one child, prints its process id and then only lives. */
final class ParentOfOne {

  private ParentOfOne() {}

  public static void main(String[] args) {
    ChildProcess child =
        ChildProcess.start("child", Path.of(args[0]), List.of("sh", "-c", args[1]));
    System.out.println(child.pid());
    child.onExit().join();
  }
}
