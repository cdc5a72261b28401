package dev.millrace.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small values that the folds are made of. */
class ValuesTest {

  @ParameterizedTest
  @CsvSource({
    "35.91, 35910000",
    "-0.000001, -1",
    "0.0000005, 0",
    "0.0000015, 2",
    "1e-999999999, 0",
    "0e999999999, 0",
    "9223372036854.775807, 9223372036854775807"
  })
  void amountsAreMillionthsRoundedHalfToEven(BigDecimal amount, long micros) {
    assertThat(Micros.of(amount)).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({"9223372036854.775808", "1e999999999", "-1e30"})
  void refusesAnAmountBeyond64BitsWithoutBuildingIt(BigDecimal amount) {
    assertThatThrownBy(() -> Micros.of(amount)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void timesKeepTheirMicrosecondsBothWays() {
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      long micros = random.nextLong();
      assertThat(Micros.of(Micros.toInstant(micros))).isEqualTo(micros);
    }
    for (long edge : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, Long.MAX_VALUE}) {
      assertThat(Micros.of(Micros.toInstant(edge))).isEqualTo(edge);
    }
    assertThatThrownBy(() -> Micros.of(Micros.toInstant(Long.MIN_VALUE).minusNanos(1)))
        .isInstanceOf(DateTimeException.class);
    assertThatThrownBy(() -> Micros.of(Instant.MAX)).isInstanceOf(DateTimeException.class);
  }

  @Test
  void theHashOfAValueIsTheSameInEveryRelease() {
    assertThat(CanonicalHash.start().add("a").add(1L).add(null).hex())
        .isEqualTo("5b48f8df6c0805b6e9a4181f92a2356c3b4f4d70d634e99665ee3471fcb2a7ca");
    assertThat(CanonicalHash.sha256Hex(new byte[0]))
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  @Test
  void valuesOfDifferentTypesOrGroupingsNeverShareAHash() {
    List<Digest128> digests =
        List.of(
            CanonicalHash.start().add("1").digest128(),
            CanonicalHash.start().add(1L).digest128(),
            CanonicalHash.start().add(1.0).digest128(),
            CanonicalHash.start().add(true).digest128(),
            CanonicalHash.start().add(BigDecimal.ONE).digest128(),
            CanonicalHash.start().add(Instant.EPOCH).digest128(),
            CanonicalHash.start().add(new byte[] {'1'}).digest128(),
            CanonicalHash.start().add("ab").add("c").digest128(),
            CanonicalHash.start().add("a").add("bc").digest128(),
            CanonicalHash.start().add(List.of("ab", "c")).digest128(),
            CanonicalHash.start().add(List.of("ab")).add("c").digest128());

    assertThat(digests).doesNotHaveDuplicates();
    assertThat(CanonicalHash.start().add(-0.0).hex())
        .isEqualTo(CanonicalHash.start().add(0.0).hex());
    assertThat(CanonicalHash.start().add(new BigDecimal("1.0")).hex())
        .isEqualTo(CanonicalHash.start().add(BigDecimal.ONE).hex());
    assertThatThrownBy(() -> CanonicalHash.start().add(new Object()))
        .hasMessageContaining("No canonical form");
  }

  @Test
  void theDigestOfAnEventSeesEveryFieldAndAttribute() {
    EventContent plain = new EventContent(Map.of(EventField.IP, "::1"));
    EventContent noted = new EventContent(plain.fields(), new TreeMap<>(Map.of("note", "x")));
    EventContent asAttribute = new EventContent(Map.of(), new TreeMap<>(Map.of("ip", "::1")));

    assertThat(List.of(plain.digest(), noted.digest(), asAttribute.digest()))
        .doesNotHaveDuplicates();
    assertThat(plain.digest().hex()).hasSize(32);
  }

  @Test
  void aFieldHoldsItsTypeOnly() {
    assertThatThrownBy(() -> new EventContent(Map.of(EventField.VALUE_MICROS, "12")))
        .hasMessageContaining("value_micros holds MICROS");
    assertThat(EventField.named("value_micros")).contains(EventField.VALUE_MICROS);
    assertThat(EventField.named("VALUE_MICROS")).isEmpty();
  }

  @Test
  void aUserHasOneSpellingHoweverTheIdWasSent() {
    assertThat(UserId.canonical(" Jose\u0301\n")).isEqualTo("Jos\u00e9");
    assertThat(UserId.canonical("ANN")).isNotEqualTo("ann");
  }

  @Test
  void originsOrderByTopicPartitionAndOffset() {
    assertThat(
            List.of(
                    new Origin("b", 0, 0),
                    new Origin("a", 1, 0),
                    new Origin("a", 0, 9),
                    new Origin("a", 0, 1))
                .stream()
                .sorted())
        .containsExactly(
            new Origin("a", 0, 1),
            new Origin("a", 0, 9),
            new Origin("a", 1, 0),
            new Origin("b", 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, true, 0.5",
    "0.4999999996, true, 0.5",
    "0.4999999994, false, 0.499999999",
    "1e-300, false, 0.0"
  })
  void aScoreIsDecidedByItsRoundedValue(double probability, boolean decision, double rounded) {
    assertThat(Score.of(probability, 0.5)).isEqualTo(new Score(rounded, decision));
  }

  @ParameterizedTest
  @CsvSource({"NaN", "-0.1", "1.1", "Infinity"})
  void aScoreIsAProbability(double notOne) {
    assertThatThrownBy(() -> Score.of(notOne, 0.5)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void roundingHasNoNegativeZeroAndNeedsANumber() {
    assertThat(Double.doubleToRawLongBits(Score.round(-1e-12))).isZero();
    assertThatThrownBy(() -> Score.round(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
  }
}
