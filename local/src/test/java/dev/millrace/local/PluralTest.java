package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PluralTest {

  @Test
  void oneIsSaidOtherwiseThanManyOrNone() {
    assertThat(Plural.of(1, "event")).isEqualTo("1 event");
    assertThat(Plural.of(0, "event")).isEqualTo("0 events");
    assertThat(Plural.of(2_000, "event")).isEqualTo("2,000 events");
    assertThat(Plural.of(1, "blank line was", "blank lines were")).isEqualTo("1 blank line was");
    assertThat(Plural.word(2, "was", "were")).isEqualTo("were");
  }
}
