package dev.millrace.local;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A topic is deleted and created again under its name, by which it is another. */
final class TopicRecreation {

  private static final int LONGEST_GONE_MILLIS = 2_000;

  private TopicRecreation() {}

  static void happen(SinkTrial trial, Random random) {
    List<String> names = trial.topics().names();
    String topic = names.get(random.nextInt(names.size()));
    boolean whole = random.nextBoolean();
    Duration gone = Duration.ofMillis(random.nextInt(LONGEST_GONE_MILLIS));
    trial.writer().whileStill(() -> recreate(trial, topic, whole, gone));
    trial.say(
        "the topic %s was deleted %s, and created again"
            .formatted(topic, whole ? "when all was landed" : "with records on their way"));
  }

  private static void recreate(SinkTrial trial, String topic, boolean whole, Duration gone) {
    CommittedTopic before = trial.topics().committed(topic, whole);
    if (whole) {
      trial.patience().await(topic + " is landed", () -> trial.landing().reaches(before.ends()));
    }
    trial.ended(before);
    trial.topics().delete(topic);
    trial.patience().pause(gone);
    trial.topics().create(topic);
  }
}
