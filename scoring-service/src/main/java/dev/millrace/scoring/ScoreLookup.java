package dev.millrace.scoring;

import dev.millrace.core.UserId;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import io.lettuce.core.RedisException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** A user's latest score of each model, with the vector that made it and how fresh it is. */
@RestController
final class ScoreLookup {

  private static final String RETRY_AFTER_SECONDS = "2";

  private final LatestScores latest;
  private final ScorePartitions partitions;
  private final MessageCodec<ScoreMessage> codec;
  private final ActiveFeatureSets sets;
  private final Clock clock = Clock.systemUTC();

  ScoreLookup(
      LatestScores latest,
      ScorePartitions partitions,
      ScoringMessages messages,
      ActiveFeatureSets sets) {
    this.latest = latest;
    this.partitions = partitions;
    this.codec = messages.score();
    this.sets = sets;
  }

  /**
   * 404 for a user who was never scored; 503 with Retry-After while Redis is away, or still lacks
   * scores that may be this user's.
   */
  @GetMapping("/v1/users/{id}/scores")
  ResponseEntity<?> scores(@PathVariable("id") String id) {
    String userId = UserId.canonical(id);
    Map<String, byte[]> found;
    boolean unknown;
    try {
      found = latest.find(userId);
      unknown = found.isEmpty() && latest.isUnknown(userId, partitions.of(userId));
    } catch (RedisException e) {
      return problem(
          HttpStatus.SERVICE_UNAVAILABLE,
          "Not available now",
          "The store of latest scores does not answer; scoring goes on, ask again.");
    }
    if (unknown) {
      return problem(
          HttpStatus.NOT_FOUND, "Unknown user", "No event of this user has been scored.");
    }
    if (found.isEmpty()) {
      return problem(
          HttpStatus.SERVICE_UNAVAILABLE,
          "Not available now",
          "The store of latest scores is being filled and may lack this user's; ask again.");
    }
    Instant now = clock.instant();
    List<Map<String, @Nullable Object>> scores = new ArrayList<>();
    try {
      for (byte[] value : found.values()) {
        ScoreMessage score = codec.decode(value).message();
        if (score == null) {
          return problem(
              HttpStatus.INTERNAL_SERVER_ERROR,
              "Unreadable score",
              "What is stored for this user is no score; rebuild the store.");
        }
        scores.add(view(score, now));
      }
    } catch (RegistryException e) {
      return problem(
          HttpStatus.SERVICE_UNAVAILABLE,
          "Not available now",
          "The schema of this user's scores can't be fetched; ask again.");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("user_id", userId);
    answer.put("answered_at", now);
    answer.put("scores", scores);
    return ResponseEntity.ok(answer);
  }

  private Map<String, @Nullable Object> view(ScoreMessage score, Instant now) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("model", score.getModel());
    view.put("model_version", score.getModelVersion());
    view.put("shadow", score.getShadow());
    view.put("score", score.getScore());
    view.put("decision", score.getDecision());
    view.put("threshold", score.getThreshold());
    view.put("event_id", score.getEventId());
    view.put("event_time", score.getEventTime());
    view.put("received_at", score.getReceivedAt());
    view.put("age_ms", Duration.between(score.getReceivedAt(), now).toMillis());
    view.put("vector", vector(score));
    view.put("margin", score.getMargin());
    view.put("contributions", new TreeMap<>(score.getContributions()));
    view.put("model_run_id", score.getModelRunId());
    view.put("model_sha256", score.getModelSha256());
    view.put("feature_set", score.getFeatureSet());
    view.put("feature_set_version", score.getFeatureSetVersion());
    view.put("feature_set_sha256", score.getFeatureSetSha256());
    view.put("vector_sha256", score.getVectorSha256());
    view.put("activation_offset", score.getActivationOffset());
    view.put(
        "origin",
        Map.of(
            "topic_id", score.getOrigin().getTopicId(),
            "partition", score.getOrigin().getPartition(),
            "offset", score.getOrigin().getOffset()));
    return view;
  }

  /** By column name; by position where the store does not have the vector's set. */
  private Map<String, @Nullable Object> vector(ScoreMessage score) {
    List<String> names =
        sets.find(score.getFeatureSetSha256())
            .map(fold -> fold.set().columnNames())
            .orElse(List.of());
    Map<String, @Nullable Object> vector = new LinkedHashMap<>();
    for (int i = 0; i < score.getVector().size(); i++) {
      vector.put(names.isEmpty() ? Integer.toString(i) : names.get(i), score.getVector().get(i));
    }
    return vector;
  }

  private static ResponseEntity<ProblemDetail> problem(
      HttpStatus status, String title, String detail) {
    ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
    problem.setTitle(title);
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
    if (status == HttpStatus.SERVICE_UNAVAILABLE) {
      answer.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    return answer.body(problem);
  }
}
