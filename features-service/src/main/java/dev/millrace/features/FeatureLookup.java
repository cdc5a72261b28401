package dev.millrace.features;

import dev.millrace.core.Micros;
import dev.millrace.core.UserId;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.features.Answer.Found;
import dev.millrace.features.Answer.Unavailable;
import dev.millrace.features.Lookups.Outcome;
import dev.millrace.features.Lookups.Told;
import dev.millrace.schemas.ContentType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * Users' features at the moment of asking: windows run on although nothing happens, so a quiet
 * user's ten-minute count is 0. Any instance answers, by one hop if need be.
 *
 * <p>What is told of a user is what the user's clean events up to one of them come to. Never a
 * mixture, never another user's, never unknown where somebody knows the user.
 *
 * <ul>
 *   <li>With {@code "stale": false} it lacks nothing that was committed more than {@link
 *       StreamsStates#SURE_FOR} before, whatever instance was stopped, cut off or replaced; while
 *       nothing is wrong it lacks nothing that was committed at all.
 *   <li>With {@code "stale": true} it lacks nothing that was committed more than {@code stale_ms}
 *       before.
 *   <li>It may be ahead of the last commit, by events whose vectors are about to be committed. If
 *       that transaction is aborted, the same events are folded again, in the same order; until
 *       then a later answer may be of fewer events than an earlier one. One kind of event can be
 *       seen and then be gone: one that was folded and of which no vector could be made, a fault of
 *       ours; it is quarantined, and its change is taken back, at once.
 *   <li>404 is said by the owner of a partition that is whole, and by nobody else.
 * </ul>
 */
@RestController
final class FeatureLookup {

  static final String BULK = "/v1/features:lookup";

  private final FoldedSets sets;
  private final Lookups lookups;
  private final JsonMapper json;
  private final Map<Outcome, Counter> answered = new EnumMap<>(Outcome.class);
  private final Clock clock = Clock.systemUTC();

  FeatureLookup(FoldedSets sets, Lookups lookups, JsonMapper json, MeterRegistry metrics) {
    this.sets = sets;
    this.lookups = lookups;
    this.json = json;
    for (Outcome outcome : Outcome.values()) {
      answered.put(
          outcome, metrics.counter("millrace.lookups.answered", "outcome", outcome.name()));
    }
  }

  /** One user; 404 if the set has folded no event of the user, 503 while nobody can say. */
  @GetMapping("/v1/users/{id}/features")
  Map<String, @Nullable Object> features(
      @PathVariable("id") String id,
      @RequestParam(name = "feature_set", defaultValue = ServedSet.DEFAULT) String featureSet) {
    ServedSet set = require(featureSet);
    String userId = UserId.canonical(id);
    Instant asOf = clock.instant();
    Answer answer = answers(set, List.of(userId), asOf).get(0);
    if (answer instanceof Unavailable unavailable) {
      throw Problem.unavailable(unavailable.why());
    }
    if (!(answer instanceof Found found)) {
      throw new Problem(
          HttpStatus.NOT_FOUND,
          "Unknown user",
          "%s has folded no clean event of this user.".formatted(set.key()));
    }
    Map<String, @Nullable Object> told = new LinkedHashMap<>();
    told.put("user_id", userId);
    told.put("as_of", asOf);
    putSet(told, set);
    putFound(told, found);
    return told;
  }

  /**
   * Up to {@value LookupRequest#MOST_USERS} users as of one moment, in the order of the request.
   * 200 if each is known or unknown, 207 if some are unavailable, 503 if all are.
   */
  @PostMapping(path = BULK, consumes = ContentType.JSON, produces = ContentType.JSON)
  ResponseEntity<Map<String, @Nullable Object>> lookup(
      HttpServletRequest request,
      @RequestHeader(name = HttpInstances.HOP, required = false) @Nullable String hop,
      @RequestHeader(name = HttpInstances.AS_OF, required = false) @Nullable String sentAsOf)
      throws IOException {
    LookupRequest asked = LookupRequest.read(request, json);
    ServedSet set = require(asked.featureSet());
    List<String> userIds = asked.userIds().stream().map(UserId::canonical).toList();
    Instant asOf = hop == null || sentAsOf == null ? clock.instant() : moment(sentAsOf);
    List<Answer> answers =
        hop == null
            ? answers(set, userIds, asOf)
            : lookups.heldHere(holder(hop), set, userIds, asOf);
    int found = count(answers, Found.class);
    int unavailable = count(answers, Unavailable.class);
    // Another instance wants to know why of each user.
    if (unavailable == answers.size() && hop == null) {
      throw Problem.unavailable(((Unavailable) answers.get(0)).why());
    }
    Map<String, @Nullable Object> told = new LinkedHashMap<>();
    told.put("as_of", asOf);
    putSet(told, set);
    told.put("found", found);
    told.put("unknown", answers.size() - found - unavailable);
    told.put("unavailable", unavailable);
    List<Map<String, @Nullable Object>> users = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      users.add(user(userIds.get(i), answers.get(i)));
    }
    told.put("users", users);
    return ResponseEntity.status(unavailable == 0 ? HttpStatus.OK : HttpStatus.MULTI_STATUS)
        .body(told);
  }

  private static int count(List<Answer> answers, Class<? extends Answer> kind) {
    return (int) answers.stream().filter(kind::isInstance).count();
  }

  /** Answers to another instance are counted there. */
  private List<Answer> answers(ServedSet set, List<String> userIds, Instant asOf) {
    List<Told> told = lookups.answers(set, userIds, asOf);
    told.forEach(one -> Objects.requireNonNull(answered.get(one.outcome())).increment());
    return told.stream().map(Told::answer).toList();
  }

  private static Map<String, @Nullable Object> user(String userId, Answer answer) {
    Map<String, @Nullable Object> told = new LinkedHashMap<>();
    told.put("user_id", userId);
    if (answer instanceof Found found) {
      told.put("status", HttpStatus.OK.value());
      putFound(told, found);
    } else if (answer instanceof Unavailable unavailable) {
      told.put("status", HttpStatus.SERVICE_UNAVAILABLE.value());
      told.put("detail", unavailable.why());
    } else {
      told.put("status", HttpStatus.NOT_FOUND.value());
    }
    return told;
  }

  private static void putSet(Map<String, @Nullable Object> told, ServedSet served) {
    FeatureSet set = served.fold().set();
    told.put("feature_set", set.name());
    told.put("feature_set_version", set.version());
    told.put("feature_set_sha256", set.sha256());
  }

  private static void putFound(Map<String, @Nullable Object> told, Found found) {
    told.put("newest_event_time", found.newestEventTime());
    told.put("stale", found.isStale());
    if (found.isStale()) {
      told.put("stale_ms", found.staleMs());
    }
    told.put("features", found.features());
  }

  private ServedSet require(String featureSet) {
    return sets.find(featureSet)
        .orElseThrow(
            () -> {
              Problem problem =
                  new Problem(
                      HttpStatus.NOT_FOUND,
                      "Unknown feature set",
                      "No feature set of that name and version is folded here; those that are stand under feature_sets.");
              problem.getBody().setProperty("feature_sets", sets.keys());
              return problem;
            });
  }

  private static Holder holder(String hop) {
    for (Holder holder : Holder.values()) {
      if (holder.name().toLowerCase(Locale.ROOT).equals(hop)) {
        return holder;
      }
    }
    throw new Problem(
        HttpStatus.BAD_REQUEST,
        "Unknown hop",
        HttpInstances.HOP + " is for other instances of this service; leave it out.");
  }

  private static Instant moment(String asOf) {
    try {
      Instant moment = Instant.parse(asOf);
      Micros.of(moment); // which bounds it
      return moment;
    } catch (DateTimeException | ArithmeticException e) {
      throw new Problem(
          HttpStatus.BAD_REQUEST,
          "Unknown moment",
          HttpInstances.AS_OF + " is for other instances of this service; leave it out.");
    }
  }
}
