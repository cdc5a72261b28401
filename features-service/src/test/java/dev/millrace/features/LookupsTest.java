package dev.millrace.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.features.FeatureFold;
import dev.millrace.features.Answer.Found;
import dev.millrace.features.Answer.Unavailable;
import dev.millrace.features.Answer.Unknown;
import dev.millrace.features.Lookups.Outcome;
import dev.millrace.features.Lookups.Told;
import dev.millrace.schemas.FeatureSets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is asked, and whose word is taken; metadata and other instances are made up. */
class LookupsTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final HostInfo SELF = new HostInfo("self", 1);
  private static final HostInfo SECOND = new HostInfo("second", 2);
  private static final HostInfo THIRD = new HostInfo("third", 3);
  private static final ServedSet SET =
      new ServedSet(new FeatureFold(FeatureSets.userActivity()), 3);

  private record Asked(HostInfo instance, Holder holder, List<String> users, Instant asOf) {}

  private final Map<String, KeyQueryMetadata> places = new HashMap<>();
  private final Map<String, Answer> ownedHere = new HashMap<>();
  private final Map<String, Answer> standbyHere = new HashMap<>();
  private final Map<HostInfo, Map<String, Answer>> elsewhere = new HashMap<>();
  private final List<Asked> asked = new ArrayList<>();

  private final LocalStates local =
      new LocalStates() {
        @Override
        public HostInfo self() {
          return SELF;
        }

        @Override
        public @Nullable KeyQueryMetadata whereIs(String userId) {
          return places.get(userId);
        }

        @Override
        public Answer owned(ServedSet set, int partition, String userId, Instant asOf) {
          return ownedHere.getOrDefault(userId, new Unavailable("not owned"));
        }

        @Override
        public Answer standby(ServedSet set, int partition, String userId, Instant asOf) {
          return standbyHere.getOrDefault(userId, new Unavailable("no standby"));
        }
      };

  private final OtherInstances others =
      (instance, holder, set, users, asOf) -> {
        asked.add(new Asked(instance, holder, users, asOf));
        Map<String, Answer> known = elsewhere.getOrDefault(instance, Map.of());
        return CompletableFuture.completedFuture(
            users.stream()
                .map(user -> known.getOrDefault(user, new Unavailable("not reached")))
                .toList());
      };

  private final Lookups lookups = new Lookups(local, others);

  private static Found fresh(long events) {
    return new Found(NOON, Map.of("events", events), null);
  }

  private static Found stale(long events, long ms) {
    return new Found(NOON, Map.of("events", events), ms);
  }

  private void place(String user, HostInfo owner, HostInfo... standbys) {
    places.put(user, new KeyQueryMetadata(owner, new HashSet<>(List.of(standbys)), 0));
  }

  private Told answer(String user) {
    return lookups.answers(SET, List.of(user), NOON).get(0);
  }

  @Test
  void whatThisInstanceOwnsIsToldWithoutAskingAnybody() {
    place("ann", SELF, SECOND);
    place("nobody", SELF, SECOND);
    ownedHere.put("ann", fresh(3));
    ownedHere.put("nobody", new Unknown());

    assertThat(answer("ann")).isEqualTo(new Told(fresh(3), Outcome.OWNER));
    assertThat(answer("nobody")).isEqualTo(new Told(new Unknown(), Outcome.UNKNOWN));
    assertThat(asked).isEmpty();
  }

  @Test
  void eachOtherOwnerIsAskedOnceForAllItsUsersAsOfTheSameMoment() {
    place("ann", SECOND);
    place("bob", SELF);
    place("cat", THIRD);
    place("dan", SECOND);
    ownedHere.put("bob", fresh(2));
    elsewhere.put(SECOND, Map.of("ann", fresh(1), "dan", new Unknown()));
    elsewhere.put(THIRD, Map.of("cat", fresh(3)));

    List<Told> told = lookups.answers(SET, List.of("dan", "ann", "bob", "ann", "cat", "dan"), NOON);

    assertThat(told)
        .containsExactly(
            new Told(new Unknown(), Outcome.UNKNOWN),
            new Told(fresh(1), Outcome.FORWARDED),
            new Told(fresh(2), Outcome.OWNER),
            new Told(fresh(1), Outcome.FORWARDED),
            new Told(fresh(3), Outcome.FORWARDED),
            new Told(new Unknown(), Outcome.UNKNOWN));
    assertThat(asked)
        .containsExactlyInAnyOrder(
            new Asked(SECOND, Holder.OWNER, List.of("dan", "ann"), NOON),
            new Asked(THIRD, Holder.OWNER, List.of("cat"), NOON));
  }

  @Test
  void nobodyIsWaitedForBeforeAllAreAsked() {
    place("ann", SECOND);
    place("cat", THIRD);
    CompletableFuture<List<Answer>> second = new CompletableFuture<>();
    Lookups parallel =
        new Lookups(
            local,
            (instance, holder, set, users, asOf) -> {
              if (instance.equals(THIRD)) {
                second.complete(List.of(fresh(1)));
                return CompletableFuture.completedFuture(List.of(fresh(3)));
              }
              return second;
            });

    assertThat(parallel.answers(SET, List.of("ann", "cat"), NOON))
        .extracting(Told::answer)
        .containsExactly(fresh(1), fresh(3));
  }

  @Test
  void withoutItsOwnerAUserIsToldOfTheStandbyHere() {
    place("ann", SECOND, THIRD, SELF);
    standbyHere.put("ann", stale(2, 400));

    assertThat(answer("ann")).isEqualTo(new Told(stale(2, 400), Outcome.STALE));
    assertThat(asked).containsExactly(new Asked(SECOND, Holder.OWNER, List.of("ann"), NOON));
  }

  @Test
  void withoutItsOwnerAUserIsToldOfAStandbyElsewhereWhichIsAskedAsOne() {
    place("ann", SECOND, THIRD);
    elsewhere.put(THIRD, Map.of("ann", stale(2, 400)));

    assertThat(answer("ann")).isEqualTo(new Told(stale(2, 400), Outcome.STALE));
    assertThat(asked)
        .containsExactly(
            new Asked(SECOND, Holder.OWNER, List.of("ann"), NOON),
            new Asked(THIRD, Holder.STANDBY, List.of("ann"), NOON));
  }

  @Test
  void anOwnerHereThatIsNotReadyLeavesTheWordToAStandby() {
    place("ann", SELF, THIRD);
    elsewhere.put(THIRD, Map.of("ann", stale(2, 400)));

    assertThat(answer("ann").outcome()).isEqualTo(Outcome.STALE);
  }

  @Test
  void aPartitionThatNobodyOwnsIsToldOfItsStandby() {
    place("ann", HostInfo.unavailable(), SELF);
    standbyHere.put("ann", stale(2, 400));

    assertThat(answer("ann").outcome()).isEqualTo(Outcome.STALE);
    assertThat(asked).isEmpty();
  }

  @Test
  void withoutOwnerAndStandbyAUserIsUnavailableForTheOwnersReason() {
    place("ann", SECOND);
    place("bob", SECOND, THIRD);
    place("cat", HostInfo.unavailable());

    assertThat(answer("ann"))
        .isEqualTo(new Told(new Unavailable("not reached"), Outcome.UNAVAILABLE));
    assertThat(answer("bob").answer()).isEqualTo(new Unavailable("not reached"));
    assertThat(answer("cat").answer()).isEqualTo(new Unavailable(Lookups.NO_OWNER));
  }

  @Test
  void whileNothingIsKnownOfAUserNobodyIsAsked() {
    assertThat(answer("ann"))
        .isEqualTo(new Told(new Unavailable(Lookups.NO_OWNER), Outcome.UNAVAILABLE));
    assertThat(asked).isEmpty();
  }

  @Test
  void whoeverIsAskedByAnotherInstanceAsksNobodyWhateverItBelieves() {
    place("ann", SECOND, THIRD);
    place("bob", SELF);
    ownedHere.put("bob", fresh(2));
    standbyHere.put("ann", stale(1, 5));

    assertThat(lookups.heldHere(Holder.OWNER, SET, List.of("ann", "bob", "new"), NOON))
        .containsExactly(new Unavailable("not owned"), fresh(2), new Unavailable(Lookups.NO_OWNER));
    assertThat(lookups.heldHere(Holder.STANDBY, SET, List.of("ann"), NOON))
        .containsExactly(stale(1, 5));
    assertThat(asked).isEmpty();
  }

  @Test
  void anOwnerThatIsNoLongerSureIsMarkedStale() {
    place("ann", SELF);
    place("bob", SECOND);
    ownedHere.put("ann", stale(1, 9_000));
    elsewhere.put(SECOND, Map.of("bob", stale(2, 9_000)));

    assertThat(answer("ann").outcome()).isEqualTo(Outcome.STALE);
    assertThat(answer("bob").outcome()).isEqualTo(Outcome.STALE);
    assertThat(Set.copyOf(asked)).hasSize(1);
  }
}
