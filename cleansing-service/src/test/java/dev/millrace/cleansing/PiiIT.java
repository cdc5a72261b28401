package dev.millrace.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.core.Activation;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.ReferenceSet;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.Surroundings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * No value that the contract marks is to be seen behind cleansing: every kind of outcome gets
 * values of its own, and all that the service wrote is searched for them.
 */
class PiiIT {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Instant RECEIVED = Instant.parse("2026-01-01T12:00:00Z");
  private static final Set<String> ORIGINALS = Set.of("events.inbound", "events.raw");

  /** What a user may send that is marked: an e-mail address, a phone number, two attributes. */
  private record Secrets(String email, String phone, String passport, String account) {

    /** Of a number: values that no other number has, and no other test. */
    static Secrets of(int n) {
      return new Secrets(
          "Planted.Person%02d@Hidden-Domain.example".formatted(n),
          "0151 234567%02d".formatted(n),
          "planted-passport-%02d-xq".formatted(n),
          "planted account %02d/ü".formatted(n));
    }

    String members() {
      return """
          "email": "%s", "phone": "%s", "passport": "%s", "account": "%s\""""
          .formatted(email, phone, passport, account);
    }

    List<String> values() {
      String international = "+49" + phone.substring(1).replace(" ", "");
      return List.of(email, phone, phone.replace(" ", ""), international, passport, account);
    }
  }

  private static final String CONTRACT =
      """
      contract: user-activity
      version: %d
      pii_key: {id: local, check: "1e1a5d21b218e605"}
      fields:
        user_id:    {required: true}
        event_time: {required: true}
        event_type: {required: true, enum: [view]}
        email:      {normalize: [trim, lower, email], length: {max: 60}, pii: tokenize}
        phone:      {normalize: [trim, phone(DE)], pii: tokenize}
      attributes:
        passport: {pii: mask, length: {min: 5}, pattern: "[A-Za-z0-9-]+", reference: {set: passports, unknown: flag}}
        account:  {pii: tokenize, enum: [%s]}
      checks:
        - {name: two_of_them, field: passport, must: "email == null || email != passport", message: they differ}
      """;

  private static Surroundings surroundings;
  private static ConfigurableApplicationContext service;
  private static MessageCodec<RawEventMessage> raw;
  private static ListAppender<ILoggingEvent> log;
  @TempDir private static Path stateDir;

  private static final Map<Integer, Set<String>> expected = new TreeMap<>();
  private static final Set<String> planted = new LinkedHashSet<>();
  private static long active;

  /** Of this test alone: a version that was given before would activate nothing. */
  private static int version = 2_000;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    service =
        SpringApplication.run(
            CleansingApplication.class,
            surroundings.arguments(
                "--millrace.cleansing.pii-keys="
                    + Path.of("../local/pii-keys").toAbsolutePath().normalize(),
                "--millrace.state-dir=" + stateDir,
                "--logging.level.dev.millrace=TRACE",
                "--logging.level.root=INFO"));
    log = new ListAppender<>();
    log.start();
    root().addAppender(log);
    raw = surroundings.codec(Topics.RAW);
    activate(
        Activation.REFERENCE,
        "passports",
        surroundings.artifacts().put(ReferenceSet.of("t", "none".getBytes(UTF_8)).canonical()),
        false);
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  @AfterAll
  static void stop() {
    service.close();
    root().detachAppender(log);
    // Other tests begin with a log on which nothing of this is active.
    activate(Activation.CONTRACT, "user-activity", "0".repeat(64), true);
    activate(Activation.REFERENCE, "passports", "0".repeat(64), true);
  }

  private static long activate(String kind, String name, String sha256, boolean withdrawn) {
    return surroundings.activate(
        new Activation(kind, name, ++version, sha256, Activation.CHAMPION, withdrawn));
  }

  /** A contract that knows the accounts of all numbers but one. */
  private static long contract(int unknown) {
    List<String> accounts = new ArrayList<>();
    for (int n = 1; n < 60; n++) {
      if (n != unknown) {
        accounts.add('"' + Secrets.of(n).account() + '"');
      }
    }
    return surroundings.activateContract(
        CONTRACT.formatted(++version, String.join(", ", accounts)));
  }

  private static String event(int n, String more) {
    return event(n, "id", "2026-01-01T11:59:00Z", more);
  }

  private static String event(int n, String id, String time, String more) {
    return """
        {"user_id": "user-%d", "event_id": "planted-%s-%d", "event_time": "%s", "event_type": "view"%s}"""
        .formatted(n, id, n, time, more);
  }

  /** Sends what a user of that number wrote; remembers what must come of it and what was hidden. */
  private static void plant(int n, String outcome, String payload) {
    plant(n, outcome, payload, "user-" + n, "default", ContentType.JSON);
  }

  private static void plant(
      int n, String outcome, String payload, String key, String source, String contentType) {
    expected.computeIfAbsent(n, k -> new TreeSet<>()).addAll(List.of(outcome.split(", ")));
    planted.addAll(Secrets.of(n).values());
    ProducerRecord<String, byte[]> record =
        new ProducerRecord<>(
            Topics.RAW.name(),
            null,
            key,
            raw.encode(
                RawEventMessage.newBuilder()
                    .setIngestId("planted " + n)
                    .setSource(source)
                    .setContentType(contentType)
                    .setPayload(ByteBuffer.wrap(payload.getBytes(UTF_8)))
                    .setReceivedAt(RECEIVED)
                    .setActivationOffset(active)
                    .build()));
    record.headers().add("x-email", Secrets.of(n).email().getBytes(UTF_8));
    surroundings.send(record);
  }

  private static void plantAll() {
    active = contract(0);
    plant(1, "CLEAN", event(1, good(1)));
    plant(1, "DUPLICATE", event(1, good(1)));
    plant(2, "CLEAN", event(2, good(2)));
    plant(2, "EVENT_ID_CONFLICT event_id", event(2, good(3)));
    planted.addAll(Secrets.of(3).values());
    plant(4, "INVALID_EMAIL email", event(4, ", \"email\": \"%s@\"".formatted(email(4))));
    plant(
        5, "INVALID_PHONE phone", event(5, ", \"phone\": \"%s 99999999999\"".formatted(phone(5))));
    plant(6, "PATTERN_MISMATCH passport", event(6, passport(6, "%s!")));
    plant(
        7, "TOO_LONG email", event(7, ", \"email\": \"%s\"".formatted("x".repeat(40) + email(7))));
    planted.add("planted.person07@hidden-domain.example");
    plant(8, "WRONG_TYPE email", event(8, ", \"email\": [\"%s\"]".formatted(email(8))));
    plant(9, "WRONG_TYPE passport", event(9, ", \"passport\": 770015123456709"));
    planted.add("770015123456709");
    plant(10, "CHECK_FAILED passport, PATTERN_MISMATCH passport", event(10, same(10)));
    plant(11, "NOT_ALLOWED event_type", typed(11));
    plant(12, "JSON_MALFORMED null", event(12, good(12)) + "\"");
    plant(13, "JSON_MALFORMED null", "{\"email\": \"%s\", \"email\": 1}".formatted(email(13)));
    plant(14, "EVENT_TIME_IN_FUTURE event_time", event(14, "id", "2027-01-01T00:00:00Z", good(14)));
    plant(15, "CLEAN", event(15, good(15)));
    plant(15, "BEYOND_HORIZON event_time", event(15, "old", "2025-01-01T00:00:00Z", good(16)));
    planted.addAll(Secrets.of(16).values());
    String other = event(17, good(17));
    plant(17, "KEY_MISMATCH user_id", other, "another", "default", ContentType.JSON);
    plant(18, "UNKNOWN_SOURCE null", event(18, good(18)), "user-18", "nobody", ContentType.JSON);
    plant(19, "UNKNOWN_CONTENT_TYPE null", event(19, good(19)), "u", "default", email(19));
    plant(20, "UNKNOWN_CONTENT_TYPE null", email(20) + ",x", "u", "default", ContentType.CSV);
    plant(21, "EMPTY_PAYLOAD null", "");
    active = contract(22);
    plant(22, "NOT_ALLOWED account", event(22, good(22)));
    active =
        activate(
            Activation.CONTRACT,
            "user-activity",
            surroundings.artifacts().put(("email: " + email(23)).getBytes(UTF_8)),
            false);
    plant(23, "CODE_FAILURE null", event(23, good(23)));
    active = activate(Activation.CONTRACT, "user-activity", "0".repeat(64), true);
    plant(24, "UNKNOWN_CONTRACT null", event(24, good(24)));
  }

  private static String email(int n) {
    return Secrets.of(n).email();
  }

  private static String phone(int n) {
    return Secrets.of(n).phone();
  }

  private static String good(int n) {
    return ", " + Secrets.of(n).members();
  }

  private static String passport(int n, String form) {
    return ", \"passport\": \"%s\"".formatted(form.formatted(Secrets.of(n).passport()));
  }

  private static String same(int n) {
    String email = email(n).toLowerCase(Locale.ROOT);
    return ", \"email\": \"%s\", \"passport\": \"%s\"".formatted(email, email);
  }

  private static String typed(int n) {
    return event(n, good(n)).replace("\"view\"", "\"" + email(n) + "\"");
  }

  @Test
  void noMarkedValueIsFoundInClear() throws IOException {
    plantAll();

    Map<Integer, Set<String>> outcomes =
        await().atMost(SOON).until(PiiIT::outcomes, found -> count(found) >= count(expected));
    assertThat(outcomes).isEqualTo(expected);
    service.close();

    Set<String> searched = new TreeSet<>();
    List<String> hits = new ArrayList<>();
    for (Map.Entry<String, byte[]> place : places().entrySet()) {
      searched.add(place.getKey().split("@", 2)[0]);
      find(place.getValue()).forEach(value -> hits.add(value + " in " + place.getKey()));
    }
    assertThat(searched)
        .contains("events.clean", "events.duplicates", "events.quarantined", "the log")
        .contains("cleansing-service-ledger-by-user-changelog", "the state directory");
    assertThat(hits).isEmpty();
  }

  private static int count(Map<Integer, Set<String>> outcomes) {
    return outcomes.values().stream().mapToInt(Set::size).sum();
  }

  /** By number of the user: what came of the events. */
  private static Map<Integer, Set<String>> outcomes() {
    Map<Integer, Set<String>> found = new TreeMap<>();
    for (CleanEventMessage clean : surroundings.<CleanEventMessage>messages(Topics.CLEAN)) {
      if (clean.getUserId().startsWith("user-")) {
        add(found, clean.getUserId(), "CLEAN");
      }
    }
    for (DuplicateEventMessage duplicate :
        surroundings.<DuplicateEventMessage>messages(Topics.DUPLICATES)) {
      if (duplicate.getUserId().startsWith("user-")) {
        add(found, duplicate.getUserId(), "DUPLICATE");
      }
    }
    for (QuarantinedEventMessage bad :
        surroundings.<QuarantinedEventMessage>messages(Topics.QUARANTINED)) {
      if (bad.getIngestId() != null && bad.getIngestId().startsWith("planted ")) {
        bad.getViolations()
            .forEach(
                violation ->
                    add(
                        found,
                        bad.getIngestId(),
                        violation.getRule() + " " + violation.getField()));
      }
    }
    return found;
  }

  private static void add(Map<Integer, Set<String>> found, String name, String outcome) {
    int n = Integer.parseInt(name.substring(name.length() - name.replaceAll("\\D", "").length()));
    found.computeIfAbsent(n, k -> new TreeSet<>()).add(outcome);
  }

  /** All that the service wrote or said. */
  private static Map<String, byte[]> places() throws IOException {
    Map<String, byte[]> places = new LinkedHashMap<>();
    topics().forEach((topic, bytes) -> places.put(topic, bytes));
    try (Stream<Path> files = Files.walk(stateDir)) {
      for (Path file : files.toList()) {
        places.put(
            "the state directory@" + file,
            Files.isRegularFile(file) ? Files.readAllBytes(file) : file.toString().getBytes(UTF_8));
      }
    }
    StringBuilder said = new StringBuilder();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      said.append(event.getFormattedMessage()).append(event.getMDCPropertyMap()).append('\n');
      if (event.getThrowableProxy() != null) {
        said.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
    assertThat(said).contains("A fault of ours");
    places.put("the log", said.toString().getBytes(UTF_8));
    return places;
  }

  /** Every record of every topic but those that hold originals, aborted ones too. */
  private static Map<String, byte[]> topics() {
    Map<String, byte[]> contents = new TreeMap<>();
    for (String topic : names()) {
      byte[] content = content(topic);
      if (ORIGINALS.contains(topic)) {
        assertThat(topic.equals("events.inbound") || !find(content).isEmpty())
            .as("what is searched for is found where it was sent")
            .isTrue();
      } else {
        contents.put(topic, content);
      }
    }
    return contents;
  }

  private static Set<String> names() {
    try {
      return surroundings
          .admin()
          .listTopics(new org.apache.kafka.clients.admin.ListTopicsOptions().listInternal(true))
          .names()
          .get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] content(String topic) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                surroundings.bootstrapServers(),
                "isolation.level",
                "read_uncommitted",
                "exclude.internal.topics",
                false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                record -> {
                  Stream.of(record.key(), record.value())
                      .filter(Objects::nonNull)
                      .forEach(content::writeBytes);
                  record
                      .headers()
                      .forEach(
                          header -> {
                            content.writeBytes(header.key().getBytes(UTF_8));
                            content.writeBytes(
                                Objects.requireNonNullElse(header.value(), new byte[0]));
                          });
                });
      }
    }
    return content.toByteArray();
  }

  /** The planted values that the bytes hold, as they were sent or in another spelling. */
  private static Set<String> find(byte[] bytes) {
    String exact = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    String lower = exact.toLowerCase(Locale.ROOT);
    Set<String> found = new TreeSet<>();
    for (String value : planted) {
      for (String spelling : spellings(value)) {
        if (lower.contains(latin(spelling).toLowerCase(Locale.ROOT))) {
          found.add(value);
        }
      }
      for (String code : base64(value)) {
        if (exact.contains(code)) {
          found.add(value + " in base64");
        }
      }
    }
    return found;
  }

  private static String latin(String text) {
    return new String(text.getBytes(UTF_8), java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private static Set<String> spellings(String value) {
    String url = URLEncoder.encode(value, UTF_8);
    return Set.copyOf(
        List.of(
            value,
            value.toUpperCase(Locale.ROOT),
            url,
            url.replace("+", "%20"),
            HexFormat.of().formatHex(value.getBytes(UTF_8))));
  }

  /** In each of the three positions that a value can have in a longer text. */
  private static List<String> base64(String value) {
    List<String> codes = new ArrayList<>();
    for (String spelled : List.of(value, value.toLowerCase(Locale.ROOT))) {
      for (int before = 0; before < 3; before++) {
        byte[] bytes = spelled.getBytes(UTF_8);
        int skip = (3 - before) % 3;
        int whole = (bytes.length - skip) / 3 * 3;
        byte[] inner = Arrays.copyOfRange(bytes, skip, skip + whole);
        codes.add(Base64.getEncoder().encodeToString(inner));
        codes.add(Base64.getUrlEncoder().encodeToString(inner));
      }
    }
    return codes;
  }
}
