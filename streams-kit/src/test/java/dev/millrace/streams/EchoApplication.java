package dev.millrace.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.schemas.Topics;
import dev.millrace.servers.ChildProcess;
import dev.millrace.streams.StreamsKit.RequiredTopics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The smallest service: it copies what it reads, and dies of the word "die". */
@SpringBootApplication
@Import(StreamsKit.class)
public class EchoApplication {

  public static void main(String[] args) {
    SpringApplication.run(EchoApplication.class, args);
  }

  /** The service in a process of its own; what is given wins. */
  static ChildProcess process(Path log, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                EchoApplication.class.getName(),
                "--spring.profiles.active=echo"));
    command.addAll(List.of(Surroundings.shared().arguments(more)));
    return ChildProcess.start("echo", log, ChildProcess.java(command));
  }

  @Bean
  RequiredTopics topics() {
    return RequiredTopics.of(Topics.INBOUND, Topics.DUPLICATES);
  }

  @Bean
  Function<KStream<String, byte[]>, KStream<String, byte[]>> echo() {
    return in ->
        in.mapValues(
            value -> {
              if (Arrays.equals(value, "die".getBytes(UTF_8))) {
                throw new KafkaException("the surroundings failed");
              }
              return value;
            },
            Named.as("echo"));
  }
}
