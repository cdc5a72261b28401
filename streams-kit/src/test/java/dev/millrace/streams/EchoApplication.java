package dev.millrace.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.schemas.Topics;
import dev.millrace.streams.StreamsKit.RequiredTopics;
import java.util.Arrays;
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
