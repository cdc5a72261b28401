package dev.millrace.streams;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StreamsGuardTest {

  static Stream<RuntimeException> failuresOfTheSurroundings() {
    return Stream.of(
        new KafkaException("away"),
        new ProducerFencedException("fenced"),
        new ActivationsUnavailableException("closing", null));
  }

  @ParameterizedTest
  @MethodSource("failuresOfTheSurroundings")
  void aFailureOfKafkaIsNoEventsFault(RuntimeException failure) {
    assertThatThrownBy(
            () ->
                StreamsKit.GUARD.decide(
                    () -> {
                      throw failure;
                    },
                    fault -> "quarantined"))
        .isSameAs(failure);
  }
}
