package dev.millrace.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.features.Freshness.Standby;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FreshnessTest {

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicBoolean member = new AtomicBoolean(true);
  private final AtomicBoolean ended = new AtomicBoolean();

  private Freshness freshness(Runnable whileAsked) {
    return new Freshness(
        new Freshness.Group() {
          @Override
          public boolean countsUsIn() {
            whileAsked.run();
            return member.get();
          }

          @Override
          public Map<Integer, Standby> standbys(Map<Integer, Standby> before, long now) {
            return before;
          }
        },
        nanos::get,
        () -> ended.set(true));
  }

  private void later(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void isNotSureOfAnythingBeforeTheCoordinatorHasSpoken() {
    Freshness freshness = freshness(() -> {});
    assertThat(freshness.sinceMember()).isNull();

    member.set(false);
    freshness.look();

    assertThat(freshness.sinceMember()).isNull();
    assertThat(freshness.standby(0)).isNull();
  }

  /** A process that stood still knows it from the clock, before it has heard anything. */
  @Test
  void growsOldFromTheMomentOfTheLastQuestionThatWasAnsweredWithYes() {
    Freshness freshness = freshness(() -> later(Duration.ofMillis(300)));
    freshness.look();
    assertThat(freshness.sinceMember()).isEqualTo(Duration.ofMillis(300));

    later(Duration.ofSeconds(40));
    assertThat(freshness.sinceMember()).isEqualTo(Duration.ofMillis(40_300));

    member.set(false);
    freshness.look();
    assertThat(freshness.sinceMember()).isEqualTo(Duration.ofMillis(40_600));

    member.set(true);
    freshness.look();
    assertThat(freshness.sinceMember()).isEqualTo(Duration.ofMillis(300));
  }

  @Test
  void looksByItselfAndEndsTheProcessIfItCannotGoOn() {
    AtomicBoolean faulty = new AtomicBoolean();
    Freshness freshness =
        freshness(
            () -> {
              if (faulty.get()) {
                throw new ArithmeticException("a bug");
              }
            });

    freshness.start();
    try {
      assertThat(freshness.isRunning()).isTrue();
      await().atMost(Duration.ofSeconds(10)).until(() -> freshness.sinceMember() != null);
      assertThat(ended).isFalse();

      faulty.set(true);
      later(Duration.ofSeconds(2));

      await().atMost(Duration.ofSeconds(10)).untilTrue(ended);
    } finally {
      freshness.stop();
    }
    assertThat(freshness.isRunning()).isFalse();
  }
}
