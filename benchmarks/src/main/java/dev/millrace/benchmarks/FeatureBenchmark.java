package dev.millrace.benchmarks;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.UserActivity;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.FeatureSets;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What features cost in {@code core}: an event is taken, folded into its user's activity, and the
 * vector is told.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseParallelGC"})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class FeatureBenchmark {

  private static final int EVENTS = 20_000;

  /** Few enough to lie in the processor's cache, as what was just decoded does. */
  private static final int CONTENTS = 500;

  private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");

  /** Users with their pasts, and events that follow. */
  private static final class Users {

    private final FeatureFold fold;
    private final List<CleanEvent> events;
    private final Map<String, byte[]> pasts = new HashMap<>();
    private final Map<String, UserActivity> activities = new HashMap<>();

    /**
     * @param past whose activities the measurement begins with
     */
    Users(FeatureSet set, List<CleanEvent> past, List<CleanEvent> events) {
      this.fold = new FeatureFold(set);
      this.events = events;
      Map<String, UserActivity> before = new HashMap<>();
      for (CleanEvent event : past) {
        fold.fold(before.computeIfAbsent(event.userId(), user -> fold.start()), event);
      }
      before.forEach(
          (user, activity) -> {
            StateOutput out = new StateOutput(1_024);
            fold.write(activity, out);
            pasts.put(user, out.toBytes());
          });
    }

    void beginAnew() {
      activities.clear();
      pasts.forEach(
          (user, bytes) -> activities.put(user, fold.read(new StateInput(bytes, "A past"))));
    }

    void foldAll(Blackhole vectors) {
      for (CleanEvent event : events) {
        UserActivity activity = activities.computeIfAbsent(event.userId(), user -> fold.start());
        FeatureVector vector = fold.fold(activity, event);
        vectors.consume(vector);
      }
    }
  }

  /** One user for thirty days, one event in two minutes on average, and thirty days before it. */
  private static Users busy(FeatureSet set) {
    Random random = new Random(1);
    List<EventContent> contents = contents(random);
    List<CleanEvent> events = new ArrayList<>();
    Instant time = NOON;
    for (int i = 0; i < 2 * EVENTS; i++) {
      time = time.plusMillis(random.nextInt(2 * 130_000));
      events.add(event(i, "busy", time, contents.get(random.nextInt(CONTENTS))));
    }
    return new Users(set, events.subList(0, EVENTS), events.subList(EVENTS, 2 * EVENTS));
  }

  /** A thousand users from their first event on to their twentieth, a few hours apart. */
  private static Users ordinary(FeatureSet set) {
    Random random = new Random(1);
    List<EventContent> contents = contents(random);
    List<CleanEvent> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      String user = "user-" + random.nextInt(EVENTS / 20);
      Instant time = NOON.plusSeconds(20L * i);
      events.add(event(i, user, time, contents.get(random.nextInt(CONTENTS))));
    }
    return new Users(set, List.of(), events);
  }

  private static List<EventContent> contents(Random random) {
    List<EventContent> contents = new ArrayList<>();
    for (int i = 0; i < CONTENTS; i++) {
      Map<EventField, Object> fields = new EnumMap<>(EventField.class);
      fields.put(
          EventField.EVENT_TYPE,
          List.of("product_view", "product_view", "purchase", "login").get(random.nextInt(4)));
      fields.put(EventField.COUNTRY, List.of("DE", "DE", "FR").get(random.nextInt(3)));
      fields.put(EventField.PRODUCT_ID, "product-" + i);
      fields.put(EventField.QUANTITY, 1L + random.nextInt(5));
      fields.put(EventField.VALUE_MICROS, (long) random.nextInt(100_000_000));
      fields.put(EventField.DURATION_MICROS, (long) random.nextInt(60_000_000));
      contents.add(new EventContent(fields, new TreeMap<>(Map.of("page", "/p/" + i))));
    }
    return contents;
  }

  private static CleanEvent event(int number, String user, Instant time, EventContent content) {
    return new CleanEvent(
        user,
        "event-" + number,
        false,
        time,
        time.plusSeconds(1),
        false,
        new Origin("raw", 0, number),
        "default",
        0,
        content,
        List.of());
  }

  /** The set that comes with Millrace. */
  @State(Scope.Thread)
  public static class Shipped {

    @Param({"busy", "ordinary"})
    public @Nullable String user;

    private @Nullable Users users;

    @Setup
    public void events() {
      FeatureSet set = FeatureSets.userActivity();
      users = "busy".equals(user) ? busy(set) : ordinary(set);
    }

    @Setup(Level.Invocation)
    public void beginAnew() {
      made(users).beginAnew();
    }
  }

  /** Some of every kind of operation, all over one window, for the busy user. */
  @State(Scope.Thread)
  public static class OneWindow {

    @Param({"1h", "24h", "7d", "30d"})
    public @Nullable String window;

    private @Nullable Users users;

    @Setup
    public void events() {
      String operations =
          """
          feature_set: one-window
          version: 1
          entity: user_id
          source: events.clean
          features:
            - {name: events,     op: count,                                     windows: [WINDOW]}
            - {name: spend,      op: sum, of: value_micros,                     windows: [WINDOW]}
            - {name: greatest,   op: max, of: value_micros,                     windows: [WINDOW]}
            - {name: quantities, op: variance, of: quantity,                    windows: [WINDOW]}
            - {name: countries,  op: distinct, of: country, max: 64,            windows: [WINDOW]}
            - {name: products,   op: distinct_approx, of: product_id,           windows: [WINDOW]}
            - {name: duration,   op: quantile, of: duration_micros, q: 0.95,    windows: [WINDOW]}
            - {name: types,      op: last_k, of: event_type, k: 5,              windows: [WINDOW]}
          """;
      String yaml = operations.replace("WINDOW", String.valueOf(window));
      users = busy(FeatureSetDeclaration.compile("one-window.yaml", yaml).set());
    }

    @Setup(Level.Invocation)
    public void beginAnew() {
      made(users).beginAnew();
    }
  }

  private static Users made(@Nullable Users users) {
    if (users == null) {
      throw new IllegalStateException("Nothing was set up");
    }
    return users;
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void shippedSet(Shipped shipped, Blackhole vectors) {
    made(shipped.users).foldAll(vectors);
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void oneWindow(OneWindow one, Blackhole vectors) {
    made(one.users).foldAll(vectors);
  }
}
