package dev.millrace.benchmarks.sidebyside;

import dev.millrace.local.MeasuredStack;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;

/** Topics that only a measurement has. */
final class Topic {

  private Topic() {}

  /** Like those of the pipeline that carry events. */
  static void create(String bootstrapServers, String... names) {
    List<NewTopic> topics =
        Stream.of(names)
            .map(name -> new NewTopic(name, MeasuredStack.PARTITIONS, (short) 1))
            .toList();
    try (Admin admin = admin(bootstrapServers)) {
      admin.createTopics(topics).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka did not create " + List.of(names), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while topics were created", e);
    }
  }

  /** Bytes of a topic's log in the only broker. */
  static long bytes(String bootstrapServers, String name) {
    try (Admin admin = admin(bootstrapServers)) {
      List<Integer> brokers =
          admin.describeCluster().nodes().get().stream().map(node -> node.id()).toList();
      return admin.describeLogDirs(brokers).allDescriptions().get().values().stream()
          .flatMap(directories -> directories.values().stream())
          .flatMap(directory -> directory.replicaInfos().entrySet().stream())
          .filter(entry -> entry.getKey().topic().equals(name))
          .mapToLong(entry -> entry.getValue().size())
          .sum();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka did not tell the size of " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking for the size of " + name, e);
    }
  }

  private static Admin admin(String bootstrapServers) {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
  }
}
