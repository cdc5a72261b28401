package dev.millrace.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationTimelineTest {

  private static final String SHA = "a".repeat(64);

  private final ActivationTimeline timeline = new ActivationTimeline();

  private static Activation web(int version) {
    return new Activation(Activation.SOURCE, "web", version, SHA);
  }

  @Test
  void anEventIsDecidedByTheLastActivationAtOrBeforeItsOffset() {
    timeline.add(3, web(1));
    timeline.add(7, web(2));

    assertThat(timeline.active("source", "web", 2)).isEmpty();
    assertThat(timeline.active("source", "web", 3)).contains(web(1));
    assertThat(timeline.active("source", "web", 6)).contains(web(1));
    assertThat(timeline.active("source", "web", 7)).contains(web(2));
    assertThat(timeline.active("source", "web", ActivationTimeline.NONE)).isEmpty();
  }

  @Test
  void anOlderVersionCanBeMadeActiveAgain() {
    timeline.add(1, web(1));
    timeline.add(2, web(2));
    timeline.add(3, web(1));

    assertThat(timeline.active("source", "web", 3)).contains(web(1));
  }

  @Test
  void aVersionStaysTheArtifactItWasFirstAndARecordThatSaysOtherwiseActivatesNothing() {
    Activation other = new Activation(Activation.SOURCE, "web", 1, "b".repeat(64));
    Activation elsewhere =
        new Activation(Activation.SOURCE, "web", 1, "b".repeat(64), "challenger", false);
    Activation withdrawal =
        new Activation(Activation.SOURCE, "web", 1, "b".repeat(64), Activation.CHAMPION, true);
    timeline.add(0, web(1));
    timeline.add(1, web(2));

    for (Activation contradiction : List.of(other, elsewhere, withdrawal)) {
      assertThatThrownBy(() -> timeline.add(2, contradiction))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("source/web@1 at offset 2")
          .hasMessageContaining("a changed artifact is a new version");
    }
    assertThat(timeline.active("source", 2)).containsExactly(web(2));

    timeline.add(3, web(1));
    assertThat(timeline.active("source", "web", 3)).contains(web(1));
  }

  @Test
  void versionsOfAFeatureSetAreActiveBesideEachOtherAndEachIsNamedByItsFirstOffset() {
    Activation one = new Activation(Activation.FEATURE_SET, "shop", 1, "a".repeat(64));
    Activation two = new Activation(Activation.FEATURE_SET, "shop", 2, "b".repeat(64));
    timeline.add(0, web(1));
    timeline.add(1, one);
    timeline.add(4, two);
    timeline.add(5, one);

    assertThat(timeline.active(Activation.FEATURE_SET, 3)).containsExactly(one);
    assertThat(timeline.active(Activation.FEATURE_SET, 5)).containsExactly(one, two);
    assertThat(timeline.firstActivations()).isEqualTo(Map.of(0L, web(1), 1L, one, 4L, two));
  }

  @Test
  void aVersionOfAnotherKindOrNameIsAnotherArtifact() {
    Activation model = new Activation(Activation.MODEL, "web", 1, "b".repeat(64));
    Activation app = new Activation(Activation.SOURCE, "app", 1, "c".repeat(64));
    timeline.add(0, web(1));
    timeline.add(1, model);
    timeline.add(2, app);

    assertThat(timeline.active("model", 2)).containsExactly(model);
    assertThat(timeline.active("source", 2)).containsExactly(app, web(1));
  }

  @Test
  void listsAllOfAKindByNameAndNothingOfAnother() {
    Activation churn = new Activation(Activation.MODEL, "churn", 1, SHA);
    Activation fraud = new Activation(Activation.MODEL, "fraud", 1, SHA);
    timeline.add(0, fraud);
    timeline.add(1, web(1));
    timeline.add(2, churn);

    assertThat(timeline.active("model", 2)).containsExactly(churn, fraud);
    assertThat(timeline.active("model", 1)).containsExactly(fraud);
  }

  @Test
  void aChallengerStandsBesideTheChampionAndReplacesNothing() {
    Activation champion = new Activation(Activation.MODEL, "fraud", 1, SHA);
    Activation challenger = new Activation(Activation.MODEL, "fraud", 2, SHA, "challenger", false);
    timeline.add(0, champion);
    timeline.add(1, challenger);

    assertThat(timeline.active("model", "fraud", 1)).contains(champion);
    assertThat(timeline.active("model", 1)).containsExactly(challenger, champion);
  }

  @Test
  void whatWasWithdrawnIsActiveForEarlierEventsOnly() {
    timeline.add(0, web(1));
    timeline.add(5, new Activation(Activation.SOURCE, "web", 1, SHA, Activation.CHAMPION, true));

    assertThat(timeline.active("source", "web", 4)).contains(web(1));
    assertThat(timeline.active("source", "web", 5)).isEmpty();
    assertThat(timeline.active("source", 5)).isEmpty();
  }

  @Test
  void itsKeyNamesKindNameAndVersion() {
    assertThat(web(4).key()).isEqualTo("source/web@4");
  }

  @ParameterizedTest
  @CsvSource({"source,../web,1", "source,Web,1", "So,web,1", "source,web,0", "source,'',1"})
  void refusesNamesThatCouldMeanAPathOrNothing(String kind, String name, int version) {
    assertThatThrownBy(() -> new Activation(kind, name, version, SHA))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesWhatIsNoHash() {
    assertThatThrownBy(() -> new Activation("source", "web", 1, "abc"))
        .hasMessageContaining("sha256");
  }
}
