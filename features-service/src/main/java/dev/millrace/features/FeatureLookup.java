package dev.millrace.features;

import dev.millrace.core.UserId;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.streams.UserStateStore;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A user's features at the moment of asking: windows run on although nothing happens, so a quiet
 * user's ten-minute count is 0.
 */
@RestController
final class FeatureLookup {

  private static final String SHIPPED = "user-activity@1";
  private static final String RETRY_AFTER_SECONDS = "2";

  private final ObjectProvider<StreamsBuilderFactoryBean> factories;
  private final FoldedSets sets;
  private final Clock clock;

  FeatureLookup(ObjectProvider<StreamsBuilderFactoryBean> factories, FoldedSets sets) {
    this.factories = factories;
    this.sets = sets;
    this.clock = Clock.systemUTC();
  }

  /** 404 for a user without clean events; 503 while the user's partition is not here to be read. */
  @GetMapping("/v1/users/{id}/features")
  ResponseEntity<?> features(
      @PathVariable("id") String id,
      @RequestParam(name = "feature_set", defaultValue = SHIPPED) String name) {
    Optional<ActiveFeatureSet> asked = sets.find(name);
    if (asked.isEmpty()) {
      return unknownSet(name);
    }
    ActiveFeatureSet set = asked.get();
    String userId = UserId.canonical(id);
    KafkaStreams streams = factories.getObject().getKafkaStreams();
    UserStateStore<UserActivity, FoldedEvent> activities;
    try {
      if (streams == null) {
        return notHere();
      }
      activities = activities(streams, userId);
    } catch (InvalidStateStoreException | IllegalStateException e) {
      // Being restored or on another instance, or starting or closing.
      return notHere();
    }
    Instant asOf = clock.instant();
    @Nullable Map<String, @Nullable Object> answer;
    try {
      answer =
          activities.read(
              set.number(), userId, activity -> told(userId, activity, asOf, sets.fold(set)));
    } catch (InvalidStateStoreException e) {
      return notHere(); // it went while it was asked
    }
    return answer == null ? unknownUser() : ResponseEntity.ok(answer);
  }

  /**
   * Reads the user's own partition only, so that one which is moving away never says that it does
   * not know a user.
   */
  private static UserStateStore<UserActivity, FoldedEvent> activities(
      KafkaStreams streams, String userId) {
    KeyQueryMetadata owner =
        streams.queryMetadataForKey(
            FeaturesTopology.ACTIVITY_BY_USER, userId, new StringSerializer());
    return streams.store(
        StoreQueryParameters.fromNameAndType(
                FeaturesTopology.ACTIVITY_BY_USER,
                UserStateStore.<UserActivity, FoldedEvent>ofOnePartition())
            .withPartition(owner.partition()));
  }

  private static Map<String, @Nullable Object> told(
      String userId, UserActivity activity, Instant asOf, FeatureFold fold) {
    FeatureSet set = fold.set();
    List<String> columns = set.columnNames();
    List<@Nullable Object> values = fold.read(activity, asOf);
    Map<String, @Nullable Object> features = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      features.put(columns.get(i), values.get(i));
    }
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("user_id", userId);
    answer.put("as_of", asOf);
    answer.put("newest_event_time", activity.newestEventTime());
    answer.put("feature_set", set.name());
    answer.put("feature_set_version", set.version());
    answer.put("feature_set_sha256", set.sha256());
    answer.put("features", features);
    return answer;
  }

  private ResponseEntity<ProblemDetail> unknownSet(String name) {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.NOT_FOUND,
            "No feature set %s is folded here; there are: %s."
                .formatted(name, String.join(", ", sets.names())));
    problem.setTitle("Unknown feature set");
    return ResponseEntity.of(problem).build();
  }

  private static ResponseEntity<ProblemDetail> unknownUser() {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.NOT_FOUND, "No clean event of this user is known.");
    problem.setTitle("Unknown user");
    return ResponseEntity.of(problem).build();
  }

  private static ResponseEntity<ProblemDetail> notHere() {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.SERVICE_UNAVAILABLE,
            "This user's state is not on this instance now, or is being restored; ask again.");
    problem.setTitle("Not available now");
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
        .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }
}
