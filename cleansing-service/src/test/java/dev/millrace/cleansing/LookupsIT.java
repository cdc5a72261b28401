package dev.millrace.cleansing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.core.Activation;
import dev.millrace.core.cleansing.Flag;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.MmdbWriter;
import dev.millrace.schemas.ReferenceSet;
import dev.millrace.schemas.Topics;
import dev.millrace.streams.Surroundings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** What a contract looks up is what was active for the event. */
class LookupsIT {

  private static final String PII_KEYS =
      "--millrace.cleansing.pii-keys=" + Path.of("../local/pii-keys").toAbsolutePath().normalize();
  private static final Instant RECEIVED = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String GEO = "geo/ip";

  private static Surroundings surroundings;
  private static ConfigurableApplicationContext service;
  private static MessageCodec<RawEventMessage> raw;
  private static ListAppender<ILoggingEvent> log;

  /** Of this test alone: a version that was given before would activate nothing. */
  private static int version = 1_000;

  private static int sent;

  @BeforeAll
  static void start() {
    surroundings = Surroundings.shared();
    surroundings.activateBundledSource("default");
    service = SpringApplication.run(CleansingApplication.class, surroundings.arguments(PII_KEYS));
    raw = surroundings.codec(Topics.RAW);
    log = new ListAppender<>();
    log.start();
    ((Logger) LoggerFactory.getLogger(Contracts.class)).addAppender(log);
  }

  @AfterAll
  static void stop() {
    service.close();
    ((Logger) LoggerFactory.getLogger(Contracts.class)).detachAppender(log);
    // Other tests begin with a log on which nothing of this is active.
    for (String subject : List.of("contract/user-activity", GEO, "reference/products")) {
      withdraw(subject);
    }
  }

  /** A contract with the lines under its fields; the offset from which it decides. */
  private static long contract(String rules) {
    return surroundings.activateContract(
        """
        contract: user-activity
        version: %d
        fields:
          user_id: {required: true}
          event_time: {required: true}
          event_type: {required: true}
        %s
        """
            .formatted(++version, rules));
  }

  private static long activate(String subject, byte[] artifact) {
    return activate(subject, surroundings.artifacts().put(artifact), false);
  }

  private static long withdraw(String subject) {
    return activate(subject, "0".repeat(64), true);
  }

  private static long activate(String subject, String sha256, boolean withdrawn) {
    String[] kindAndName = subject.split("/", 2);
    return surroundings.activate(
        new Activation(
            kindAndName[0], kindAndName[1], ++version, sha256, Activation.CHAMPION, withdrawn));
  }

  private static long products(String... products) {
    return activate(
        "reference/products",
        ReferenceSet.of("test", String.join("\n", products).getBytes(UTF_8)).canonical());
  }

  private static String sha256(long offset) {
    return surroundings
        .<dev.millrace.schema.ActivationMessage>messages(Topics.ACTIVATIONS)
        .get((int) offset)
        .getSha256();
  }

  /** An event that carries the activation; its id. */
  private static String send(long activation, String field, String value) {
    String id = "lookup-" + ++sent;
    send(activation, id, field, value);
    return id;
  }

  private static void send(long activation, String id, String field, String value) {
    String payload =
        """
        {"user_id": "%1$s", "event_id": "%1$s", "event_time": "2026-01-01T11:59:00Z", "event_type": "view", "%2$s": "%3$s"}"""
            .formatted(id, field, value);
    surroundings.send(
        Topics.RAW,
        id,
        raw.encode(
            RawEventMessage.newBuilder()
                .setIngestId("ingest-1")
                .setSource("default")
                .setContentType(ContentType.JSON)
                .setPayload(ByteBuffer.wrap(payload.getBytes(UTF_8)))
                .setReceivedAt(RECEIVED)
                .setActivationOffset(activation)
                .build()));
  }

  private static CleanEventMessage clean(String id) {
    return awaitMessage(Topics.CLEAN, (CleanEventMessage m) -> m.getEventId().equals(id));
  }

  private static QuarantinedEventMessage quarantined(String id) {
    return awaitMessage(
        Topics.QUARANTINED, (QuarantinedEventMessage m) -> id.equals(m.getEventId()));
  }

  private static <T extends SpecificRecord> T awaitMessage(
      Topics.Topic topic, Predicate<T> wanted) {
    return await()
        .atMost(SOON)
        .until(
            () -> surroundings.<T>messages(topic).stream().filter(wanted).findFirst(),
            java.util.Optional::isPresent)
        .orElseThrow();
  }

  private static double flagged(Flag flag) {
    return service
        .getBean(MeterRegistry.class)
        .counter("millrace.events.flagged", "flag", flag.name())
        .count();
  }

  private static List<String> logged(String part) {
    return log.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(message -> message.contains(part))
        .toList();
  }

  private static byte[] munich() {
    Map<String, Object> record =
        Map.of(
            "country", Map.of("iso_code", "DE"),
            "subdivisions", List.of(Map.of("names", Map.of("en", "Bavaria"))),
            "city", Map.of("names", Map.of("en", "Munich")));
    return new MmdbWriter(6, 24).put("192.0.2.0/24", record).put("2001:db8::/32", record).write();
  }

  private static String place(CleanEventMessage clean) {
    return clean.getCountry() + "/" + clean.getRegion() + "/" + clean.getCity();
  }

  @Test
  void anAddressGetsItsPlaceFromTheDatabaseThatItsEventCarries() {
    withdraw(GEO);
    long without = contract("derive: {geo: true}");
    long with = activate(GEO, munich());
    long withdrawn = withdraw(GEO);

    CleanEventMessage before = clean(send(without, "ip", "192.0.2.1"));
    CleanEventMessage ipv4 = clean(send(with, "ip", "192.0.2.1"));
    CleanEventMessage ipv6 = clean(send(with, "ip", "2001:db8::1"));
    CleanEventMessage elsewhere = clean(send(with, "ip", "198.51.100.1"));
    CleanEventMessage after = clean(send(withdrawn, "ip", "192.0.2.1"));

    assertThat(place(before)).isEqualTo("null/null/null");
    assertThat(before.getFlags()).containsExactly("ip:GEO_UNAVAILABLE");
    assertThat(before.getLookups()).isEmpty();
    for (CleanEventMessage located : List.of(ipv4, ipv6)) {
      assertThat(place(located)).isEqualTo("DE/Bavaria/Munich");
      assertThat(located.getFlags()).isEmpty();
      assertThat(located.getLookups()).isEqualTo(Map.of(GEO, sha256(with)));
    }
    assertThat(place(elsewhere)).isEqualTo("null/null/null");
    assertThat(elsewhere.getFlags()).isEmpty();
    assertThat(after.getFlags()).containsExactly("ip:GEO_UNAVAILABLE");
  }

  @Test
  void aDamagedDatabaseThatIsActiveAllTheSameStopsNothingAndIsTold() {
    contract("derive: {geo: true}");
    long damaged = activate(GEO, java.util.Arrays.copyOf(munich(), 100));
    long sound = activate(GEO, munich());
    double before = flagged(Flag.GEO_UNAVAILABLE);

    for (int i = 0; i < 3; i++) {
      CleanEventMessage clean = clean(send(damaged, "ip", "192.0.2.1"));
      assertThat(place(clean)).isEqualTo("null/null/null");
      assertThat(clean.getFlags()).containsExactly("ip:GEO_UNAVAILABLE");
      assertThat(clean.getLookups()).isEqualTo(Map.of(GEO, sha256(damaged)));
    }
    assertThat(place(clean(send(sound, "ip", "192.0.2.1")))).isEqualTo("DE/Bavaria/Munich");

    assertThat(flagged(Flag.GEO_UNAVAILABLE) - before).isEqualTo(3);
    assertThat(logged(sha256(damaged)))
        .singleElement()
        .asString()
        .contains("is no sound MMDB database: it has no metadata", "flagged GEO_UNAVAILABLE");
  }

  @Test
  void aValueIsLookedUpInTheReferenceSetThatItsEventCarries() {
    withdraw("reference/products");
    long without = contract("  product_id: {reference: {set: products, unknown: quarantine}}");
    long first = products("p-1", "p-2");
    long second = products("p-2", "p-3");
    double before = flagged(Flag.REFERENCE_UNAVAILABLE);

    CleanEventMessage unavailable = clean(send(without, "product_id", "p-9"));
    CleanEventMessage known = clean(send(first, "product_id", "p-1"));
    QuarantinedEventMessage unknown = quarantined(send(first, "product_id", "p-3"));
    QuarantinedEventMessage gone = quarantined(send(second, "product_id", "p-1"));
    CleanEventMessage added = clean(send(second, "product_id", "p-3"));

    assertThat(unavailable.getFlags()).containsExactly("product_id:REFERENCE_UNAVAILABLE");
    assertThat(unavailable.getLookups()).isEmpty();
    assertThat(flagged(Flag.REFERENCE_UNAVAILABLE) - before).isEqualTo(1);
    assertThat(known.getFlags()).isEmpty();
    assertThat(known.getLookups()).isEqualTo(Map.of("reference/products", sha256(first)));
    assertThat(added.getLookups()).isEqualTo(Map.of("reference/products", sha256(second)));
    assertThat(unknown.getLookups()).isEqualTo(Map.of("reference/products", sha256(first)));
    for (QuarantinedEventMessage refused : List.of(unknown, gone)) {
      assertThat(refused.getViolations())
          .extracting(v -> v.getRule() + " " + v.getField() + " " + v.getMessage())
          .containsExactly("UNKNOWN_REFERENCE product_id is not in the reference set products");
    }
  }

  @Test
  void anUnknownValueIsOnlyFlaggedWhereTheContractSaysSo() {
    contract("  product_id: {reference: {set: products, unknown: flag}}");
    long active = products("p-1");
    double before = flagged(Flag.UNKNOWN_REFERENCE);

    assertThat(clean(send(active, "product_id", "p-1")).getFlags()).isEmpty();
    assertThat(clean(send(active, "product_id", "p-2")).getFlags())
        .containsExactly("product_id:UNKNOWN_REFERENCE");
    assertThat(flagged(Flag.UNKNOWN_REFERENCE) - before).isEqualTo(1);
  }

  @Test
  void aReferenceSetThatCantBeReadStopsNothingAndIsTold() {
    contract("  product_id: {reference: {set: products, unknown: quarantine}}");
    long damaged = activate("reference/products", new byte[] {(byte) 0xff});

    CleanEventMessage clean = clean(send(damaged, "product_id", "p-1"));

    assertThat(clean.getFlags()).containsExactly("product_id:REFERENCE_UNAVAILABLE");
    assertThat(clean.getLookups()).isEqualTo(Map.of("reference/products", sha256(damaged)));
    assertThat(logged(sha256(damaged))).singleElement().asString().contains("is not in UTF-8");
  }

  @Test
  void whatAContractDoesNotLookUpDidNotDecide() {
    contract("  product_id: {reference: {set: products, unknown: flag}}");
    products("p-1");
    activate(GEO, munich());
    long plain = contract("");

    CleanEventMessage clean = clean(send(plain, "ip", "192.0.2.1"));
    send(plain, clean.getEventId(), "ip", "192.0.2.1");
    DuplicateEventMessage duplicate =
        awaitMessage(
            Topics.DUPLICATES,
            (DuplicateEventMessage m) -> m.getEventId().equals(clean.getEventId()));

    assertThat(clean.getLookups()).isEmpty();
    assertThat(duplicate.getLookups()).isEmpty();
    assertThat(place(clean)).isEqualTo("null/null/null");
    assertThat(clean.getFlags()).isEmpty();
  }

  private static Path maxmind() {
    return Path.of("..").resolve(System.getProperty("millrace.data")).resolve("maxmind");
  }

  /** MaxMind's test data is no part of the project: -Dmillrace.data names its directory. */
  @Test
  @EnabledIfSystemProperty(named = "millrace.data", matches = ".+")
  void eventsFromMaxMindsNetworksGetTheDocumentedPlace() throws IOException {
    contract("derive: {geo: true}");
    long active = activate(GEO, Files.readAllBytes(maxmind().resolve("GeoIP2-City-Test.mmdb")));
    Map<String, String> expected = new LinkedHashMap<>();

    for (JsonNode entry :
        new ObjectMapper().readTree(maxmind().resolve("GeoIP2-City-Test.json").toFile())) {
      entry
          .properties()
          .forEach(
              network ->
                  expected.put(
                      send(active, "ip", network.getKey().split("/", 2)[0]),
                      network.getValue().at("/country/iso_code").textValue()
                          + "/"
                          + network.getValue().at("/subdivisions/0/names/en").textValue()
                          + "/"
                          + network.getValue().at("/city/names/en").textValue()));
    }
    clean(send(active, "ip", "192.0.2.1"));

    Map<String, String> places =
        await()
            .atMost(SOON)
            .until(() -> places(expected), found -> found.size() == expected.size());
    assertThat(places).isEqualTo(expected);
  }

  private static Map<String, String> places(Map<String, String> of) {
    return surroundings.<CleanEventMessage>messages(Topics.CLEAN).stream()
        .filter(clean -> of.containsKey(clean.getEventId()))
        .collect(Collectors.toMap(CleanEventMessage::getEventId, LookupsIT::place));
  }

  @Test
  @EnabledIfSystemProperty(named = "millrace.data", matches = ".+")
  void theServiceGoesOnWithEachOfMaxMindsBadDatabases() throws IOException {
    contract("derive: {geo: true}");
    Map<String, Path> sent = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(maxmind().resolve("bad-data"))) {
      for (Path file : files.sorted().toList()) {
        sent.put(send(activate(GEO, Files.readAllBytes(file)), "ip", "192.0.2.1"), file);
      }
    }

    Map<String, CleanEventMessage> clean =
        await()
            .atMost(SOON)
            .until(
                () ->
                    surroundings.<CleanEventMessage>messages(Topics.CLEAN).stream()
                        .filter(message -> sent.containsKey(message.getEventId()))
                        .collect(
                            Collectors.toMap(CleanEventMessage::getEventId, Function.identity())),
                found -> found.size() == sent.size());

    clean.forEach(
        (id, message) -> {
          assertThat(place(message)).as("%s", sent.get(id)).isEqualTo("null/null/null");
          String sha256 = message.getLookups().get(GEO);
          assertThat(logged(sha256)).hasSize(message.getFlags().size());
        });
    assertThat(clean.values())
        .filteredOn(message -> message.getFlags().contains("ip:GEO_UNAVAILABLE"))
        .as("all but the three that are sound")
        .hasSize(sent.size() - 3);
  }
}
