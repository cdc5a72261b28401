package dev.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.Topics;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class IngestPropertiesTest {

  private static final DataSize BODY = DataSize.ofMegabytes(1);
  private static final DataSize INFLATED = DataSize.ofMegabytes(10);
  private static final Duration BOUND = Duration.ofSeconds(10);

  @Test
  void anEventIsNeverLargerThanARecordCanBe() {
    assertThat(new IngestProperties(BODY, INFLATED, 1, BOUND).maxEventBytes())
        .isEqualTo(Topics.MAX_PAYLOAD_BYTES);
    assertThat(new IngestProperties(DataSize.ofBytes(9), INFLATED, 1, BOUND).maxEventBytes())
        .isEqualTo(9);
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> new IngestProperties(INFLATED, BODY, 1, BOUND))
        .hasMessageContaining("max-inflated-body");
    assertThatThrownBy(() -> new IngestProperties(DataSize.ofBytes(0), BODY, 1, BOUND))
        .hasMessageContaining("max-body");
    assertThatThrownBy(() -> new IngestProperties(BODY, INFLATED, 0, BOUND))
        .hasMessageContaining("max-batch");
    assertThatThrownBy(() -> new IngestProperties(BODY, INFLATED, 1, Duration.ZERO))
        .hasMessageContaining("acknowledge-within");
  }
}
