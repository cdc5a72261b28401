package dev.millrace.features;

import dev.millrace.features.Answer.Found;
import dev.millrace.features.Answer.Unavailable;
import dev.millrace.features.Answer.Unknown;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/**
 * Finds whoever can tell of a user: this instance if it is the owner of the user's partition,
 * otherwise the owner by one hop, otherwise a standby, here or by one hop.
 *
 * <p>Who owns what is known from the last rebalance and may be out of date. So an instance that is
 * asked by another one looks at what it holds itself and at nothing else: it never asks on, and
 * what it does not own is unavailable, not unknown.
 */
final class Lookups {

  static final String NO_OWNER =
      "No instance is known to have this user now, because partitions are being given out; ask again.";

  /** What was told, and on whose word. */
  record Told(Answer answer, Outcome outcome) {}

  /** Used as a metric tag: add, never rename. */
  enum Outcome {
    /** Told by this instance, which owns the user's partition. */
    OWNER,
    /** Told by the owner, which was asked. */
    FORWARDED,
    /** Told of a copy that may be behind, and marked so. */
    STALE,
    /** The owner knows no clean event of the user. */
    UNKNOWN,
    /** Nobody could say. */
    UNAVAILABLE
  }

  private final LocalStates local;
  private final OtherInstances others;

  Lookups(LocalStates local, OtherInstances others) {
    this.local = local;
    this.others = others;
  }

  /**
   * Asks whoever can tell, each other instance once as owner and once as standby at the most, all
   * of them at the same time.
   *
   * @param userIds canonical; may repeat
   * @param asOf the moment that all windows end at
   * @return an answer for each user, in their order
   */
  List<Told> answers(ServedSet set, List<String> userIds, Instant asOf) {
    Map<String, Told> told = new HashMap<>();
    Map<String, KeyQueryMetadata> places = new LinkedHashMap<>();
    for (String user : new LinkedHashSet<>(userIds)) {
      KeyQueryMetadata place = local.whereIs(user);
      if (place == null) {
        told.put(user, told(new Unavailable(NO_OWNER), Outcome.UNAVAILABLE));
      } else {
        places.put(user, place);
      }
    }
    told.putAll(ask(Holder.OWNER, set, places, asOf));
    places.keySet().removeIf(user -> !isUnavailable(told, user));
    ask(Holder.STANDBY, set, places, asOf)
        .forEach(
            (user, second) -> {
              // Why the owner does not tell says more than why its standby does not.
              if (!(second.answer() instanceof Unavailable)) {
                told.put(user, second);
              }
            });
    List<Told> answers = new ArrayList<>();
    userIds.forEach(user -> answers.add(Objects.requireNonNull(told.get(user))));
    return answers;
  }

  private static boolean isUnavailable(Map<String, Told> told, String user) {
    return Objects.requireNonNull(told.get(user)).answer() instanceof Unavailable;
  }

  private Map<String, Told> ask(
      Holder holder, ServedSet set, Map<String, KeyQueryMetadata> places, Instant asOf) {
    HostInfo self = local.self();
    List<String> here = new ArrayList<>();
    Map<HostInfo, List<String>> elsewhere = new LinkedHashMap<>();
    Map<String, Told> told = new HashMap<>();
    places.forEach(
        (user, place) -> {
          HostInfo instance = holder == Holder.OWNER ? owner(place) : standby(place, self);
          if (instance == null) {
            told.put(user, told(new Unavailable(NO_OWNER), Outcome.UNAVAILABLE));
          } else if (instance.equals(self)) {
            here.add(user);
          } else {
            elsewhere.computeIfAbsent(instance, any -> new ArrayList<>()).add(user);
          }
        });
    Map<HostInfo, CompletableFuture<List<Answer>>> asked = new LinkedHashMap<>();
    elsewhere.forEach(
        (instance, users) ->
            asked.put(instance, others.ask(instance, holder, set, List.copyOf(users), asOf)));
    for (String user : here) {
      KeyQueryMetadata place = Objects.requireNonNull(places.get(user));
      told.put(user, told(held(holder, set, place, user, asOf), Outcome.OWNER));
    }
    asked.forEach(
        (instance, answers) -> {
          List<String> users = Objects.requireNonNull(elsewhere.get(instance));
          List<Answer> theirs = answers.join();
          for (int i = 0; i < users.size(); i++) {
            told.put(users.get(i), told(theirs.get(i), Outcome.FORWARDED));
          }
        });
    return told;
  }

  private static @Nullable HostInfo owner(KeyQueryMetadata place) {
    return HostInfo.unavailable().equals(place.activeHost()) ? null : place.activeHost();
  }

  /** This instance if it is one; otherwise always the same one, so that answers do not jump. */
  private static @Nullable HostInfo standby(KeyQueryMetadata place, HostInfo self) {
    if (place.standbyHosts().contains(self)) {
      return self;
    }
    Optional<HostInfo> first =
        place.standbyHosts().stream()
            .min(Comparator.comparing(HostInfo::host).thenComparing(HostInfo::port));
    return first.orElse(null);
  }

  /**
   * What this instance holds itself; for one that was asked by another.
   *
   * @param userIds canonical; may repeat
   */
  List<Answer> heldHere(Holder holder, ServedSet set, List<String> userIds, Instant asOf) {
    return userIds.stream()
        .map(
            user -> {
              KeyQueryMetadata place = local.whereIs(user);
              return place == null
                  ? new Unavailable(NO_OWNER)
                  : held(holder, set, place, user, asOf);
            })
        .toList();
  }

  private Answer held(
      Holder holder, ServedSet set, KeyQueryMetadata place, String user, Instant asOf) {
    return holder == Holder.OWNER
        ? local.owned(set, place.partition(), user, asOf)
        : local.standby(set, place.partition(), user, asOf);
  }

  private static Told told(Answer answer, Outcome fresh) {
    if (answer instanceof Unknown) {
      return new Told(answer, Outcome.UNKNOWN);
    }
    if (answer instanceof Found found) {
      return new Told(answer, found.isStale() ? Outcome.STALE : fresh);
    }
    return new Told(answer, Outcome.UNAVAILABLE);
  }
}
