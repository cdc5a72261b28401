package dev.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.Arrival;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import dev.millrace.core.cleansing.Lookups;
import dev.millrace.core.cleansing.PiiKey;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.schemas.ContractDeclaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What cleansing costs in {@code core}: the shipped contract decides a valid event of a user whose
 * ledger grows to twenty ids on average, and the ledger remembers it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseParallelGC"})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class CleansingBenchmark {

  private static final int USERS = 1_000;
  private static final int EVENTS = 20_000;
  private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");

  /** With them an event has an e-mail address and a phone number, which become tokens. */
  @Param({"false", "true"})
  public boolean contacts;

  private @Nullable Cleansing cleansing;
  private final List<Arrival> arrivals = new ArrayList<>();
  private final Map<String, UserLedger> ledgers = new HashMap<>();

  /** As without a reference set and a geo database. */
  private record TokensOnly(PiiKey key) implements Lookups {
    @Override
    public @Nullable Boolean contains(String referenceSet, String value) {
      return null;
    }

    @Override
    public Place locate(String ip) {
      return Place.UNKNOWN;
    }

    @Override
    public String token(String value) {
      return key.token(value);
    }
  }

  @Setup
  public void events() throws IOException {
    String contract = Files.readString(Path.of("schemas/contracts/user-activity.yaml"));
    cleansing =
        new Cleansing(
            ContractDeclaration.compile("user-activity.yaml", contract).contract(),
            new TokensOnly(new PiiKey("local", new byte[32])));
    Random random = new Random(1);
    for (int i = 0; i < EVENTS; i++) {
      arrivals.add(arrival(random, i));
    }
  }

  private Arrival arrival(Random random, int number) {
    int userNumber = random.nextInt(USERS);
    String user = "user-" + userNumber;
    Instant time = NOON.plus(Duration.ofSeconds(number));
    Map<EventField, Object> fields = new EnumMap<>(EventField.class);
    fields.put(EventField.USER_ID, user);
    fields.put(EventField.EVENT_ID, "event-" + number);
    fields.put(EventField.EVENT_TIME, time);
    fields.put(EventField.EVENT_TYPE, random.nextInt(5) == 0 ? "purchase" : "product_view");
    fields.put(EventField.SESSION_ID, "session-" + number / 20);
    fields.put(EventField.DEVICE_ID, "device-" + random.nextInt(USERS));
    fields.put(EventField.IP, "81.2.69." + random.nextInt(256));
    fields.put(EventField.COUNTRY, "GB");
    fields.put(EventField.PRODUCT_ID, "product-" + random.nextInt(500));
    fields.put(EventField.PRODUCT_CATEGORY, "books");
    fields.put(EventField.QUANTITY, 1L + random.nextInt(5));
    fields.put(EventField.VALUE_MICROS, (long) random.nextInt(100_000_000));
    fields.put(EventField.CURRENCY, "EUR");
    fields.put(EventField.DURATION_MICROS, (long) random.nextInt(60_000_000));
    if (contacts) {
      // A user sends the same ones with each event.
      fields.put(EventField.EMAIL, "Ann." + userNumber + "@Example.org");
      fields.put(EventField.PHONE, "030 123 " + (10_000 + userNumber));
    }
    EventContent content = new EventContent(fields, new TreeMap<>(Map.of("page", "/p/" + number)));
    return new Arrival(
        new Origin("raw", 0, number),
        user,
        "default",
        time.plusSeconds(1),
        0,
        CanonicalHash.start().add(Integer.toString(number).getBytes(UTF_8)).digest128(),
        new Arrival.Reading(content, List.of()));
  }

  @Setup(Level.Invocation)
  public void forget() {
    ledgers.clear();
    arrivals.forEach(arrival -> ledgers.putIfAbsent(arrival.key(), new UserLedger()));
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int validEvent() {
    Cleansing decides = cleansing;
    int accepted = 0;
    for (Arrival arrival : arrivals) {
      UserLedger ledger = ledgers.get(arrival.key());
      if (decides == null || ledger == null) {
        throw new IllegalStateException("Nothing was set up");
      }
      Outcome outcome = decides.clean(ledger, arrival);
      ledger.apply(((Accepted) outcome).change());
      accepted++;
    }
    return accepted;
  }
}
