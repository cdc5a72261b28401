package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActiveFeatureSetsTest {

  @TempDir private Path folder;
  private final ActivationTimeline timeline = new ActivationTimeline();
  private ArtifactStore store;
  private ActiveFeatureSets sets;

  @BeforeEach
  void start() {
    store = new ArtifactStore(folder);
    sets = new ActiveFeatureSets(store);
  }

  private Activation kept(String name, int version) {
    byte[] canonical =
        FeatureSetDeclaration.compile(
                "test",
                """
                feature_set: %s
                version: %d
                entity: user_id
                source: events.clean
                features: [{name: events, op: count, windows: [1h]}]
                """
                    .formatted(name, version))
            .canonical();
    return new Activation(Activation.FEATURE_SET, name, version, store.put(canonical));
  }

  @Test
  void anEventIsFoldedByEveryVersionThatWasActiveAtItsOffsetInTheOrderOfTheLog() {
    Activation zoo = kept("zoo", 1);
    Activation shop = kept("shop", 1);
    Activation shopTwo = kept("shop", 2);
    timeline.add(2, zoo);
    timeline.add(3, shop);
    timeline.add(7, shopTwo);
    timeline.add(
        8, new Activation(Activation.FEATURE_SET, "zoo", 1, zoo.sha256(), zoo.role(), true));

    assertThat(sets.active(timeline, ActivationTimeline.NONE)).isEmpty();
    assertThat(sets.active(timeline, 6))
        .containsExactly(new ActiveFeatureSet(2, zoo), new ActiveFeatureSet(3, shop));
    assertThat(sets.active(timeline, 8))
        .containsExactly(new ActiveFeatureSet(3, shop), new ActiveFeatureSet(7, shopTwo));
  }

  @Test
  void aStateFindsItsFoldByItsNumberAlsoOfASetThatIsNoLongerActive() {
    Activation shop = kept("shop", 1);
    timeline.add(3, shop);
    timeline.add(
        4, new Activation(Activation.FEATURE_SET, "shop", 1, shop.sha256(), shop.role(), true));
    timeline.add(5, new Activation(Activation.SOURCE, "web", 1, "a".repeat(64)));

    FeatureFold fold = sets.fold(timeline, 3);

    assertThat(fold.set().sha256()).isEqualTo(shop.sha256());
    assertThat(sets.find(shop.sha256())).contains(fold);
    for (long nothing : new long[] {4, 5, 99}) {
      assertThatThrownBy(() -> sets.fold(timeline, nothing))
          .isInstanceOf(UnreadableStateException.class)
          .hasMessageContaining("the feature set that offset " + nothing)
          .hasMessageContaining("rebuild the state");
    }
  }

  @Test
  void whatTheStoreLacksStopsAndWhatIsNoFeatureSetIsTold() {
    String garbage = store.put("no set".getBytes(UTF_8));

    assertThat(sets.find("b".repeat(64))).isEmpty();
    assertThatThrownBy(() -> sets.fold("b".repeat(64)))
        .isInstanceOf(ArtifactStore.ArtifactException.class);
    assertThatThrownBy(() -> sets.fold(garbage)).isInstanceOf(DeclarationException.class);
  }
}
