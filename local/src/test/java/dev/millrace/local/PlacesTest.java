package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacesTest {

  private static final Map<Integer, Long> STARTS = Map.of(0, 5_000_000_000L, 1, 0L);

  @Test
  void aPlaceIsAPartitionAndAnOffset() {
    Places places = new Places(STARTS);
    places.add(0, 5_000_000_007L);
    places.add(0, 5_000_000_007L);
    places.add(1, 7);

    assertThat(places.count()).isEqualTo(2);
    assertThat(places.contains(0, 5_000_000_007L)).isTrue();
    assertThat(places.contains(1, 7)).isTrue();
    assertThat(places.contains(1, 8)).isFalse();
    assertThat(places.contains(2, 7)).isFalse();
  }

  @Test
  void whatWasThereBeforeDoesNotCount() {
    Places places = new Places(STARTS);
    places.add(0, 4_999_999_999L);

    assertThat(places.count()).isZero();
    assertThat(places.contains(0, 4_999_999_999L)).isFalse();
  }

  @Test
  void countsWhatIsInBoth() {
    Places places = new Places(STARTS);
    Places others = new Places(STARTS);
    for (int offset = 0; offset < 10; offset++) {
      places.add(1, offset);
      others.add(1, offset + 7);
    }

    assertThat(places.countIn(others)).isEqualTo(3);
    assertThat(places.countIn(new Places(STARTS))).isZero();
    assertThat(places.count()).isEqualTo(10);
  }
}
