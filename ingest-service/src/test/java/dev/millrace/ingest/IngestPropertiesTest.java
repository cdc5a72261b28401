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

  private static IngestProperties limits(
      DataSize maxBody, DataSize maxInflatedBody, int maxBatch, Duration acknowledgeWithin) {
    return new IngestProperties(
        maxBody, maxInflatedBody, maxBatch, acknowledgeWithin, "landing", BODY, INFLATED, BOUND);
  }

  private static IngestProperties files(
      DataSize maxFile, DataSize maxInflatedFile, Duration scanEvery) {
    return new IngestProperties(
        BODY, INFLATED, 1, BOUND, "landing", maxFile, maxInflatedFile, scanEvery);
  }

  @Test
  void anEventIsNeverLargerThanARecordCanBe() {
    assertThat(limits(BODY, INFLATED, 1, BOUND).maxEventBytes())
        .isEqualTo(Topics.MAX_PAYLOAD_BYTES);
    assertThat(limits(DataSize.ofBytes(9), INFLATED, 1, BOUND).maxEventBytes()).isEqualTo(9);
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> limits(INFLATED, BODY, 1, BOUND))
        .hasMessageContaining("max-inflated-body");
    assertThatThrownBy(() -> limits(DataSize.ofBytes(0), BODY, 1, BOUND))
        .hasMessageContaining("max-body");
    assertThatThrownBy(() -> limits(BODY, INFLATED, 0, BOUND)).hasMessageContaining("max-batch");
    assertThatThrownBy(() -> limits(BODY, INFLATED, 1, Duration.ZERO))
        .hasMessageContaining("acknowledge-within");
    assertThatThrownBy(() -> files(INFLATED, BODY, BOUND))
        .hasMessageContaining("max-inflated-file");
    assertThatThrownBy(() -> files(DataSize.ofBytes(0), BODY, BOUND))
        .hasMessageContaining("max-file");
    assertThatThrownBy(() -> files(BODY, INFLATED, Duration.ZERO))
        .hasMessageContaining("scan-every");
    assertThatThrownBy(
            () ->
                new IngestProperties(
                    BODY, INFLATED, 1, BOUND, "s3://lake/landing", BODY, INFLATED, BOUND))
        .hasMessageContaining("millrace.ingest.landing")
        .hasMessageContaining("abfss://");
  }
}
