package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacesTest {

  private final Places places = new Places(Map.of(0, 5_000_000_000L, 1, 0L));

  @Test
  void aPlaceIsAPartitionAndAnOffset() {
    places.note(0, 5_000_000_007L, 70);
    places.note(1, 7, 0);

    assertThat(places.at(0, 5_000_000_007L)).isEqualTo(70);
    assertThat(places.at(1, 7)).isZero();
    assertThat(places.at(1, 8)).isEqualTo(Places.NONE);
    assertThat(places.at(1, 1_000_000_000_000L)).isEqualTo(Places.NONE);
    assertThat(places.at(2, 7)).isEqualTo(Places.NONE);
  }

  @Test
  void whatIsNotedLaterStandsInsteadOfWhatWasThere() {
    places.note(1, 7, 70);
    places.note(1, 7, 71);

    assertThat(places.at(1, 7)).isEqualTo(71);
  }

  @Test
  void whatWasThereBeforeDoesNotCount() {
    places.note(0, 4_999_999_999L, 1);

    assertThat(places.at(0, 4_999_999_999L)).isEqualTo(Places.NONE);
    assertThat(all()).isEmpty();
  }

  @Test
  void allAreVisitedInOrderWithTheirNumbers() {
    for (int i = 10_000; i > 0; i--) {
      places.note(1, i * 3L, i);
    }
    places.note(0, 5_000_000_000L, 4);

    assertThat(all()).hasSize(10_001).startsWith("0:5000000000=4", "1:3=1", "1:6=2");
  }

  private List<String> all() {
    List<String> all = new ArrayList<>();
    places.forEach((partition, offset, number) -> all.add(partition + ":" + offset + "=" + number));
    return all;
  }
}
