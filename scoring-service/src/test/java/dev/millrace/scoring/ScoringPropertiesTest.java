package dev.millrace.scoring;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScoringPropertiesTest {

  @Test
  void refusesNonsenseWithoutRepeatingAPassword() {
    assertThatThrownBy(
            () -> new ScoringProperties(URI.create("http://u:secret@h"), Duration.ofSeconds(1)))
        .hasMessageContaining("redis-uri")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> new ScoringProperties(URI.create("redis://h"), Duration.ZERO))
        .hasMessageContaining("redis-timeout");
  }
}
