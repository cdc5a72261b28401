package dev.millrace.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoTest {

  @Test
  void whatItKnowsIsWhatWasPutUnderThatVeryText() {
    Memo<String> memo = new Memo<>();
    Random random = new Random(1);
    int known = 0;
    for (int i = 0; i < 100_000; i++) {
      String text = "text-" + random.nextInt(20_000);
      String found = memo.find(text);
      assertThat(found).isIn(null, "of " + text);
      known += found == null ? 0 : 1;
      memo.put(text, "of " + text);
    }

    assertThat(known).isBetween(10_000, 60_000);
  }

  @Test
  void longTextsAreNotKept() {
    Memo<String> memo = new Memo<>();
    memo.put("x".repeat(257), "long");
    memo.put("x".repeat(256), "short enough");

    assertThat(memo.find("x".repeat(257))).isNull();
    assertThat(memo.find("x".repeat(256))).isEqualTo("short enough");
  }

  /** Texts of one hash are still different texts. */
  @Test
  void textsThatFallIntoOnePlaceAreKeptApart() {
    Memo<String> memo = new Memo<>();
    memo.put("Aa", "one");

    assertThat("BB".hashCode()).isEqualTo("Aa".hashCode());
    assertThat(memo.find("BB")).isNull();
    memo.put("BB", "other");
    assertThat(memo.find("BB")).isEqualTo("other");
    assertThat(memo.find("Aa")).isNull();
  }
}
