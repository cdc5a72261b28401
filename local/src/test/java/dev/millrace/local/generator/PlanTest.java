package dev.millrace.local.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {

  @ParameterizedTest
  @CsvSource({
    "0, 10, 2026-01-05T00:00:00Z, 1, 0, users",
    "20000000, 10, 2026-01-05T00:00:00Z, 1, 0, users",
    "1, 0, 2026-01-05T00:00:00Z, 1, 0, events",
    "1, 10, 1999-01-05T00:00:00Z, 1, 0, start",
    "1, 10, 2026-01-05T00:00:00Z, 0, 0, days",
    "1, 10, 2026-01-05T00:00:00Z, 1, 0.6, share",
    "100, 1000000, 2026-01-05T00:00:00Z, 7, 0, more users or more days"
  })
  void refusesWhatItCannotMakeAndSaysWhat(
      int users, long events, Instant start, int days, double irregular, String what) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Plan(1, "u-", users, events, start, days, irregular))
        .withMessageContaining(what);
  }

  @Test
  void aHundredMillionEventsOfAMillionUsersCanBeMade() {
    assertThat(Plan.of(1, "u-", 1_000_000, 100_000_000).irregularEvents()).isEqualTo(5_000_000);
  }
}
