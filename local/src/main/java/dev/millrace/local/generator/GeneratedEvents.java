package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Micros;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A plan's lines, in the order in which they are to be sent, one at a time; and, once all have been
 * taken, what is true of the users.
 */
public final class GeneratedEvents implements Iterator<GeneratedEvent> {

  private final Plan plan;
  private final Population population;
  private final Rings rings;
  private final Activity activity;
  private final Irregularities irregularities;
  private final long[] newest;
  private final Random places;
  private long taken;
  private long irregularTaken;
  private long nextIrregular;

  public GeneratedEvents(Plan plan) {
    this.plan = plan;
    this.rings = new Rings(plan);
    this.population = new Population(plan, rings);
    Shop shop =
        new Shop(
            population,
            new Catalogue(plan.seed()),
            new Ids(Hash.of(plan.seed(), 0, 3_000)),
            new Random(Hash.of(plan.seed(), 1, 3_000)));
    this.activity = new Activity(plan, shop, rings);
    this.newest = new long[plan.users()];
    Arrays.fill(newest, Long.MIN_VALUE);
    this.irregularities =
        new Irregularities(plan, shop, new Random(Hash.of(plan.seed(), 2, 3_000)), newest);
    this.places = new Random(Hash.of(plan.seed(), 3, 3_000));
    this.nextIrregular = placeOfNextIrregular();
  }

  @Override
  public boolean hasNext() {
    return taken < plan.events();
  }

  @Override
  public GeneratedEvent next() {
    if (!hasNext()) {
      throw new NoSuchElementException("All %d events have been taken".formatted(taken));
    }
    boolean irregular =
        !activity.hasNext() || (taken >= nextIrregular && irregularities.hasSeenAny());
    taken++;
    return irregular ? irregular() : regular();
  }

  /** Each has a stretch of lines of its own and comes somewhere in it, so the share is exact. */
  private long placeOfNextIrregular() {
    return irregularTaken == plan.irregularEvents()
        ? Long.MAX_VALUE
        : (long) ((irregularTaken + places.nextDouble()) * plan.events() / plan.irregularEvents());
  }

  private GeneratedEvent irregular() {
    irregularTaken++;
    nextIrregular = placeOfNextIrregular();
    return irregularities.next();
  }

  private GeneratedEvent regular() {
    Sent sent = activity.next();
    newest[sent.user()] = Math.max(newest[sent.user()], sent.time());
    irregularities.saw(sent);
    return new GeneratedEvent(
        Json.bytes(sent.event()), new Expectation(null, population.id(sent.user())));
  }

  /** How much is kept of what goes on at this moment. */
  int open() {
    return activity.open();
  }

  /** A JSON object for each user who had a clean event. */
  public Stream<byte[]> users() {
    requireAllTaken();
    return IntStream.range(0, plan.users())
        .filter(user -> newest[user] != Long.MIN_VALUE)
        .mapToObj(this::user)
        .map(Json::bytes);
  }

  private ObjectNode user(int user) {
    String lastActive = Shop.text(newest[user]);
    boolean left = population.leavesAt(user) != Population.NEVER;
    @Nullable String lastDay =
        left
            ? Micros.toInstant(newest[user]).atOffset(ZoneOffset.UTC).toLocalDate().toString()
            : null;
    return JsonNodeFactory.instance
        .objectNode()
        .put("user_id", population.id(user))
        .put("last_active", lastActive)
        .put("churned_after", lastDay)
        .put("ring", population.ring(user));
  }

  /** A JSON object for each fraud ring. */
  public Stream<byte[]> rings() {
    requireAllTaken();
    return rings.attacked().map(ring -> Json.bytes(ring.json(population)));
  }

  private void requireAllTaken() {
    if (hasNext()) {
      throw new IllegalStateException(
          "%d of %d events have been taken; what is true is known after the last"
              .formatted(taken, plan.events()));
    }
  }
}
