package dev.millrace.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Origin;
import dev.millrace.schemas.Topics;
import dev.millrace.schemas.Topics.Topic;
import dev.millrace.servers.Ports;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;

class TopicIdsIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private final Surroundings surroundings = Surroundings.shared();

  private void create(String name, int partitions) throws Exception {
    surroundings
        .admin()
        .createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
        .all()
        .get();
  }

  private static Topic topic(String name, boolean singlePartition) {
    return new Topic(name, null, singlePartition, Map.of());
  }

  @Test
  void namesTheRawRecordByTheBrokersIdOfItsTopic() {
    TopicIds ids = surroundings.topicIds();
    RecordMetadata place =
        new RecordMetadata() {
          @Override
          public String topic() {
            return Topics.RAW.name();
          }

          @Override
          public int partition() {
            return 1;
          }

          @Override
          public long offset() {
            return 41;
          }
        };

    Origin origin = ids.origin(place);

    assertThat(Uuid.fromString(origin.topicId())).isNotEqualTo(Uuid.ZERO_UUID);
    assertThat(origin.partition()).isEqualTo(1);
    assertThat(origin.offset()).isEqualTo(41);
    assertThatThrownBy(() -> ids.id("events.unheard-of")).isInstanceOf(StartupException.class);
  }

  @Test
  void knowsATopicThatCameLater() throws Exception {
    TopicIds ids = surroundings.topicIds();
    create("came.later", 2);
    create("came.too-narrow", 1);

    ids.alsoRequire(topic("came.later", false));

    assertThat(Uuid.fromString(ids.id("came.later"))).isNotEqualTo(Uuid.ZERO_UUID);
    assertThatThrownBy(() -> ids.alsoRequire(topic("came.too-narrow", false)))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("came.too-narrow=1");
    assertThatThrownBy(() -> ids.alsoRequire(topic("never.came", false)))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("Topics are missing: never.came");
  }

  @Test
  void namesEveryMissingTopicAndSaysWhatToDo() {
    assertThatThrownBy(
            () ->
                TopicIds.require(
                    surroundings.admin(),
                    List.of(topic("not.there", false), Topics.RAW, topic("nor.this", false)),
                    TIMEOUT))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("not.there")
        .hasMessageContaining("nor.this")
        .hasMessageNotContaining("events.raw");
  }

  @Test
  void refusesTopicsWhoseKeysWouldNotFallAlike() throws Exception {
    create("three.partitions", 3);

    assertThatThrownBy(
            () ->
                TopicIds.require(
                    surroundings.admin(),
                    List.of(Topics.RAW, topic("three.partitions", false)),
                    TIMEOUT))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("three.partitions=3");
  }

  @Test
  void refusesSeveralPartitionsWhereTheOrderOfAllRecordsMatters() throws Exception {
    create("two.partitions", 2);

    assertThatThrownBy(
            () ->
                TopicIds.require(
                    surroundings.admin(), List.of(topic("two.partitions", true)), TIMEOUT))
        .hasMessageContaining("needs a single one");
  }

  @Test
  void refusesSettingsThatWouldChangeOutcomesAndLeavesTheOthersToTheOperator() throws Exception {
    create("wrong.settings", 2);
    Topic wanted =
        new Topic(
            "wrong.settings",
            null,
            false,
            Map.of("message.timestamp.type", "LogAppendTime", "max.message.bytes", "77777"));

    assertThatThrownBy(() -> TopicIds.require(surroundings.admin(), List.of(wanted), TIMEOUT))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(
            "wrong.settings has message.timestamp.type=CreateTime and needs LogAppendTime")
        .hasMessageNotContaining("max.message.bytes");
  }

  @Test
  void aBrokerThatDoesNotAnswerIsToldAsSuch() {
    try (Admin nobody =
        Admin.create(
            Map.of(
                "bootstrap.servers", "127.0.0.1:" + Ports.free(),
                "default.api.timeout.ms", 1_000,
                "request.timeout.ms", 500))) {
      assertThatThrownBy(() -> TopicIds.require(nobody, Topics.ALL, Duration.ofSeconds(5)))
          .isInstanceOfSatisfying(
              StartupException.class,
              e -> {
                FailureAnalysis analysis = new StartupFailureAnalyzer().analyze(e, e);
                assertThat(analysis.getDescription()).contains("Kafka did not answer");
                assertThat(analysis.getAction()).contains("millrace.bootstrap-servers");
              });
    }
  }
}
