package dev.millrace.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Origin;
import dev.millrace.schema.ScoreMessage;
import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.Messages;
import dev.millrace.servers.LocalRedis;
import dev.millrace.streams.Surroundings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Lookups without a projection, so that the store can be caught half filled. */
class ScoreLookupIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static Surroundings surroundings;
  private static LocalRedis redis;
  private static ScorePartitions partitions;
  private static ScoringMessages messages;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    redis = LocalRedis.start(folder);
    partitions = new ScorePartitions(surroundings.admin(), PATIENCE);
    messages = ScoringMessages.registered(surroundings.registry());
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  private static LatestScores latest(String epoch) {
    return new LatestScores(URI.create(redis.uri()), PATIENCE, epoch);
  }

  private static ScoreLookup over(LatestScores latest) {
    return new ScoreLookup(
        latest, partitions, messages, new ActiveFeatureSets(surroundings.artifacts()));
  }

  private static LatestScores.Entry aScoreOf(String user) {
    return new LatestScores.Entry(user, "m/champion", 3, messages.score().encode(message(user)));
  }

  static ScoreMessage message(String user) {
    return ScoreMessage.newBuilder()
        .setUserId(user)
        .setEventId("e-1")
        .setEventTime(Instant.EPOCH)
        .setReceivedAt(Instant.EPOCH)
        .setScore(0.5)
        .setDecision(true)
        .setThreshold(0.5)
        .setModel("m")
        .setModelVersion(1)
        .setModelSha256("c".repeat(64))
        .setShadow(false)
        .setFeatureSet("other")
        .setFeatureSetVersion(1)
        .setFeatureSetSha256("f".repeat(64))
        .setVectorSha256("d".repeat(64))
        .setVector(List.of())
        .setContributions(Map.of())
        .setOrigin(Messages.origin(new Origin("raw-topic", 1, 7)))
        .setActivationOffset(1)
        .build();
  }

  private static void assertProblem(ResponseEntity<?> answer, int status) {
    assertThat(answer.getStatusCode().value()).isEqualTo(status);
    assertThat(answer.getHeaders().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
    assertThat(answer.getHeaders().containsHeader("Retry-After")).isEqualTo(status == 503);
  }

  /** A user on another partition than the given one. */
  private static String apartFrom(String user) {
    int other = partitions.of(user);
    return List.of("a", "b", "c", "d", "e", "f", "g", "h").stream()
        .filter(name -> partitions.of(name) != other)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whileAPartitionIsFilledItsUsersAre503OrAnsweredAndNever404() {
    try (LatestScores latest = latest("filling")) {
      ScoreLookup lookup = over(latest);
      assertProblem(lookup.scores("lea"), 503);

      latest.beginMending(partitions.of("lea"), "token");
      assertProblem(lookup.scores("lea"), 503);

      latest.write(List.of(aScoreOf("lea")));
      assertThat(lookup.scores("lea").getStatusCode().value()).isEqualTo(200);

      assertThat(latest.endMending(partitions.of("lea"), "token")).isTrue();
      assertThat(lookup.scores("lea").getStatusCode().value()).isEqualTo(200);
    }
  }

  @Test
  void onlyAWholePartitionKnowsWhoIsUnknown() {
    try (LatestScores latest = latest("whole")) {
      ScoreLookup lookup = over(latest);
      latest.beginMending(partitions.of("lea"), "token");
      latest.endMending(partitions.of("lea"), "token");

      assertProblem(lookup.scores("lea"), 404);
      assertProblem(lookup.scores(apartFrom("lea")), 503);
    }
  }
}
