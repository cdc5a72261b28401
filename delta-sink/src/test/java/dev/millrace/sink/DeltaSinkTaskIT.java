package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schemas.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class DeltaSinkTaskIT {

  private final Surroundings surroundings = Surroundings.shared();
  private String topic;
  private Path table;

  @TempDir private Path lake;

  @BeforeEach
  void nameTopic(TestInfo test) {
    topic = "test." + test.getTestMethod().orElseThrow().getName().toLowerCase();
    table = lake.resolve(topic.replace('.', '_'));
  }

  private Map<String, String> config() {
    return surroundings.config(lake);
  }

  private Map<String, String> config(String option, String value) {
    Map<String, String> config = config();
    config.put(option, value);
    return config;
  }

  private List<String> ids() {
    return TableReader.exists(table)
        ? TableReader.rows(table).stream().map(row -> (String) row.get("id")).sorted().toList()
        : List.of();
  }

  private static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(id -> "e-" + id).sorted().toList();
  }

  private boolean landed(int count) {
    return ids().size() >= count;
  }

  @Test
  void everyCommittedRecordLandsOnceAndTheNextTaskGoesOnBehindIt() throws Exception {
    surroundings.createTopic(topic, 2);
    surroundings.send(topic, 2, 0, 300);
    try (KafkaProducer<byte[], byte[]> producer = surroundings.producer("aborts")) {
      producer.beginTransaction();
      producer.send(
          new ProducerRecord<>(topic, surroundings.framed(topic, TestRecords.event("aborted", 0))));
      producer.flush();
      producer.abortTransaction();
    }
    surroundings.send(topic, 2, 300, 500);
    try (TaskLoop task = new TaskLoop(config(), topic, 2)) {
      task.turnUntil(() -> landed(500));
    }
    surroundings.send(topic, 2, 500, 600);

    try (TaskLoop task = new TaskLoop(config(), topic, 2)) {
      task.turnUntil(() -> landed(600));
      assertThat(task.committed().values())
          .as("told to Kafka, for whoever looks at the lag")
          .allMatch(offset -> offset > 300);
    }

    assertThat(ids()).isEqualTo(ids(0, 600));
  }

  @Test
  void twoTasksOverOnePartitionLandEachRecordOnce() throws Exception {
    surroundings.createTopic(topic, 1);
    try (TaskLoop first = new TaskLoop(config(), topic, 1);
        TaskLoop second = new TaskLoop(config(), topic, 1)) {
      for (int round = 0; round < 3; round++) {
        int end = round * 50 + 50;
        surroundings.send(topic, 1, end - 50, end);
        TaskLoop ahead = round % 2 == 0 ? first : second;
        TaskLoop behind = round % 2 == 0 ? second : first;
        // Both have read the records before either lands them.
        ahead.turnUntil(() -> ahead.waiting() > 0 || landed(end));
        behind.turnUntil(() -> behind.waiting() > 0 || landed(end));
        ahead.turnUntil(() -> landed(end));
        behind.turnUntil(() -> behind.waiting() == 0);
      }
    }

    assertThat(ids()).isEqualTo(ids(0, 150));
    assertThat(TableReader.rows(table))
        .extracting(row -> row.get("kafka_offset"))
        .doesNotHaveDuplicates();
  }

  @Test
  void aTaskThatFindsItselfBehindInTheMiddleOfABatchGoesOnWithoutAGap() throws Exception {
    surroundings.createTopic(topic, 1);
    try (TaskLoop first = new TaskLoop(config(), topic, 1);
        TaskLoop second = new TaskLoop(config(SinkConfig.FLUSH_BYTES, "1"), topic, 1)) {
      surroundings.send(topic, 1, 0, 10);
      first.turnUntil(() -> landed(10));
      surroundings.send(topic, 1, 10, 30);

      second.turnUntil(() -> landed(30));
    }

    assertThat(ids()).isEqualTo(ids(0, 30));
  }

  @Test
  void whoIsAlwaysTooLateFailsAndTellsWhatToLookFor() throws Exception {
    surroundings.createTopic(topic, 1);
    try (TaskLoop first = new TaskLoop(config(), topic, 1);
        TaskLoop second = new TaskLoop(config(SinkConfig.FLUSH_BYTES, "1"), topic, 1)) {
      assertThatThrownBy(
              () -> {
                for (int round = 1; round < 10; round++) {
                  int end = round * 3;
                  surroundings.send(topic, 1, end - 3, end);
                  first.turnUntil(() -> landed(end));
                  // Each transaction ends with a marker, which takes an offset.
                  long behind = end + round - 1;
                  second.turnUntil(() -> second.committed().containsValue(behind));
                }
              })
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("is there a second connector for this topic?");
    }
  }

  @Test
  void aTopicThatComesLaterIsWaitedFor() throws Exception {
    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      task.turnUntil(() -> !task.retries.isEmpty());
      assertThat(task.committed()).isEmpty();

      surroundings.createTopic(topic, 1);
      surroundings.send(topic, 1, 0, 5);
      task.turnUntil(() -> landed(5));
    }

    assertThat(ids()).isEqualTo(ids(0, 5));
  }

  @Test
  void whatNoTableTakesIsADeadLetterWithTheReason() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 3);
    surroundings.sendRaw(topic, "no avro".getBytes(StandardCharsets.UTF_8));
    surroundings.sendRaw(topic, new byte[] {0, 0x7f, 0, 0, 1, 1});
    surroundings.sendRaw(topic, null);
    byte[] cut = surroundings.framed(topic, TestRecords.event("cut", 0));
    surroundings.sendRaw(topic, java.util.Arrays.copyOf(cut, cut.length - 1));
    surroundings.send(topic, 1, 3, 5);

    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      task.turnUntil(() -> landed(5));

      assertThat(ids()).isEqualTo(ids(0, 5));
      assertThat(task.reported)
          .hasSize(4)
          .allMatch(reason -> reason.startsWith("Record at " + topic + "-0 offset "));
      assertThat(task.reported.get(0)).endsWith("does not begin with a zero byte and a schema id");
      assertThat(task.reported.get(1)).contains("which the registry did not know");
      assertThat(task.reported.get(2)).endsWith("has no value");
      assertThat(task.reported.get(3)).contains("does not match schema");
    }
  }

  @Test
  void deadLettersAloneMoveOnToo() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 1);
    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      task.turnUntil(() -> landed(1));
      surroundings.sendRaw(topic, new byte[] {9});
      task.turnUntil(() -> task.reported.size() == 1 && task.waiting() == 0);
    }

    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      surroundings.send(topic, 1, 1, 2);
      task.turnUntil(() -> landed(2));
      assertThat(task.reported).as("and are not told again").isEmpty();
    }
  }

  @Test
  void withoutATopicForDeadLettersTheTaskFailsAtTheFirst() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.sendRaw(topic, new byte[] {9});

    try (TaskLoop task = new TaskLoop(config(), topic, 1, false)) {
      assertThatThrownBy(() -> task.turnUntil(() -> false))
          .isInstanceOf(ConnectException.class)
          .isNotInstanceOf(RetriableException.class)
          .hasMessageContaining("errors.deadletterqueue.topic.name");
    }
  }

  @Test
  void aTopicThatIsCreatedAgainBeginsAnew() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 20);
    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      task.turnUntil(() -> landed(20));

      createTopicAgain();
      surroundings.send(topic, 1, 20, 60);
      task.turnUntil(() -> landed(60));
    }

    assertThat(ids()).isEqualTo(ids(0, 60));
    Set<Object> topicIds =
        TableReader.rows(table).stream()
            .map(row -> row.get("kafka_topic_id"))
            .collect(Collectors.toSet());
    assertThat(topicIds).hasSize(2);
  }

  @Test
  void aTopicThatIsCreatedAgainWhileItIsOpenedIsOpenedAgain() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 20);
    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      task.turnUntil(() -> landed(20));
    }
    try (TaskLoop context = new TaskLoop(config(), topic, 1);
        TopicLog log =
            new TopicLog(Map.of("bootstrap.servers", surroundings.bootstrapServers())) {
              private boolean created;

              @Override
              Bounds bounds(TopicPartition partition) {
                if (!created) {
                  createTopicAgain();
                  created = true;
                }
                return super.bounds(partition);
              }
            }) {
      PartitionSink partition = partition(context, log);

      assertThatThrownBy(partition::open)
          .isInstanceOf(RetriableException.class)
          .hasMessageContaining("was deleted while");
      assertThat(partition.isOpen()).isFalse();

      partition.open();
      assertThat(partition.isOpen()).isTrue();
    }
  }

  private PartitionSink partition(TaskLoop context, TopicLog log) {
    return new PartitionSink(
        new TopicPartition(topic, 0),
        new DeltaTable(FaultyFiles.engine(), table.toUri().toString(), "event_date"),
        new RecordReader(
            new SchemaRegistry(surroundings.registryUrl(), Duration.ofSeconds(10)),
            "at",
            "event_date"),
        new DeadLetters(null),
        log,
        context,
        false);
  }

  private void createTopicAgain() {
    try {
      surroundings.admin().deleteTopics(List.of(topic)).all().get();
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Awaitility.await()
        .ignoreExceptions()
        .until(
            () -> {
              surroundings.createTopic(topic, 1);
              return true;
            });
  }

  @Test
  void whatHasExpiredBeforeItWasLandedIsNotPassedOverInSilence() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 5);
    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      task.turnUntil(() -> landed(5));
    }
    surroundings.send(topic, 1, 5, 10);
    surroundings
        .admin()
        .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(8)))
        .all()
        .get();

    assertThatThrownBy(() -> new TaskLoop(config(), topic, 1))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("its log begins at 8")
        .hasMessageContaining("expired.records=skip");
    try (TaskLoop task = new TaskLoop(config(SinkConfig.EXPIRED, "skip"), topic, 1)) {
      task.turnUntil(() -> landed(8));
    }

    // Offsets 0 to 4 and their marker; of 6 to 10, those from 8 on.
    assertThat(ids()).containsExactly("e-0", "e-1", "e-2", "e-3", "e-4", "e-7", "e-8", "e-9");
  }

  @Test
  void aRegistryThatIsAwayIsWaitedFor() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 1);

    try (TaskLoop task =
        new TaskLoop(config(SinkConfig.REGISTRY_URL, "http://127.0.0.1:1"), topic, 1)) {
      task.turnUntil(() -> !task.retries.isEmpty());

      assertThat(task.retries.get(0)).hasMessageContaining("Start it, or correct its URL");
      assertThat(task.reported).isEmpty();
      assertThat(task.committed()).containsEntry(new TopicPartition(topic, 0), 0L);
    }
  }

  @Test
  void memoryIsBoundedByBytesOverAllPartitions() throws Exception {
    surroundings.createTopic(topic, 4);
    surroundings.send(topic, 4, 0, 400);
    Map<String, String> config = config(SinkConfig.FLUSH_INTERVAL, "600000");
    config.put(SinkConfig.FLUSH_BYTES, "50000");

    try (TaskLoop task = new TaskLoop(config, topic, 4)) {
      task.turnUntil(() -> landed(300));
      assertThat(ids()).doesNotHaveDuplicates();
    }
  }

  @Test
  void rowsAreCommittedWhenThereAreEnough() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 10);
    Map<String, String> config = config(SinkConfig.FLUSH_INTERVAL, "600000");
    config.put(SinkConfig.FLUSH_ROWS, "10");

    try (TaskLoop task = new TaskLoop(config, topic, 1)) {
      task.turnUntil(() -> landed(10));
    }
  }

  @Test
  void addedFieldsBecomeColumnsAndChangedOnesDeadLetters() throws Exception {
    surroundings.createTopic(topic, 1);
    surroundings.send(topic, 1, 0, 2);
    Schema wider =
        TestRecords.schema("EventMessage")
            .requiredString("id")
            .name("at")
            .type(TestRecords.time())
            .noDefault()
            .optionalString("country")
            .endRecord();
    Schema changed =
        TestRecords.schema("Changed").requiredString("id").requiredString("at").endRecord();
    surroundings.sendRaw(
        topic,
        surroundings.framed(
            topic,
            new GenericRecordBuilder(wider)
                .set("id", "e-2")
                .set("at", 0L)
                .set("country", "DE")
                .build()));
    surroundings.sendRaw(
        topic,
        surroundings.framed(
            topic + ".other",
            new GenericRecordBuilder(changed).set("id", "e-9").set("at", "noon").build()));
    surroundings.send(topic, 1, 3, 4);

    try (TaskLoop task = new TaskLoop(config(), topic, 1)) {
      task.turnUntil(() -> landed(4));

      assertThat(TableReader.rows(table))
          .extracting(row -> row.get("id") + " " + row.get("country"))
          .containsExactlyInAnyOrder("e-0 null", "e-1 null", "e-2 DE", "e-3 null");
      assertThat(task.reported).singleElement().asString().contains("has at as string");
    }
  }
}
