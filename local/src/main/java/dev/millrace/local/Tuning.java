package dev.millrace.local;

import java.util.List;

/** What the processes of a stack are given beside what each needs. */
public interface Tuning {

  /** Nothing, as {@code ./millrace up} starts them. */
  Tuning NONE =
      new Tuning() {
        @Override
        public List<String> jvm(String process) {
          return List.of();
        }

        @Override
        public List<String> arguments(String service) {
          return List.of();
        }
      };

  /**
   * Flags for the JVM of Kafka or a service; of flags that exclude each other the last wins, except
   * that a collector is chosen only where the usual one is switched off.
   */
  List<String> jvm(String process);

  /** Arguments of a service: properties, in the form {@code --name=value}. */
  List<String> arguments(String service);
}
