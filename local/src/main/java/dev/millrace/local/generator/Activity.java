package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Micros;
import dev.millrace.local.generator.Visit.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The regular events, in the order of their times: visits of ordinary users, attacks of rings, and
 * chargebacks. Only what has begun is kept, so memory depends on how much goes on at once and not
 * on how much there is.
 */
final class Activity implements Iterator<Sent> {

  private static final long HOUR = Micros.of(Duration.ofHours(1));
  private static final long DAY = Micros.of(Duration.ofDays(1));
  private static final int MOST_FOUND_BROWSING = 24;

  private final Plan plan;
  private final Shop shop;
  private final Rings rings;
  private final Rhythm rhythm;
  private final Random random;
  private final boolean[] known;
  private final PriorityQueue<Upcoming> upcoming = new PriorityQueue<>(Upcoming.BY_TIME);
  private final long total;

  /** Events sent, or promised by what is upcoming; the rhythm goes by it. */
  private long promised;

  private long planned;
  private long nextStart;

  Activity(Plan plan, Shop shop, Rings rings) {
    this.plan = plan;
    this.shop = shop;
    this.rings = rings;
    this.rhythm = new Rhythm(plan.start(), plan.days());
    this.random = shop.random();
    this.known = new boolean[plan.users()];
    this.total = plan.regularEvents();
    this.nextStart = rhythm.at(0);
  }

  @Override
  public boolean hasNext() {
    return promised < total || !upcoming.isEmpty();
  }

  @Override
  public Sent next() {
    while (promised < total && nextIsAStart()) {
      Ring ring = rings.nextBy(nextStart);
      if (ring == null) {
        begin(pickUser(nextStart), nextStart);
      } else {
        attack(ring, nextStart);
      }
      if (promised < total) {
        nextStart = rhythm.at((double) promised / total);
      }
    }
    Upcoming next = upcoming.poll();
    if (next == null) {
      throw new NoSuchElementException("All %d regular events have been sent".formatted(total));
    }
    Sent sent = next.send();
    if (next instanceof Visit visit && visit.ring() != null && visit.hasJustBought()) {
      order(visit.ring(), sent);
    }
    if (!next.isOver()) {
      upcoming.add(next);
    }
    return sent;
  }

  /** How much is kept. */
  int open() {
    return upcoming.size();
  }

  private boolean nextIsAStart() {
    Upcoming next = upcoming.peek();
    return next == null || nextStart <= next.time();
  }

  private void begin(int user, long start) {
    boolean signsUp = !known[user] && shop.population().isNew(user);
    known[user] = true;
    open(user, start, script(signsUp), null);
  }

  private void open(int user, long start, List<Step> script, @Nullable Ring ring) {
    List<Step> affordable =
        List.copyOf(script.subList(0, (int) Math.min(script.size(), total - promised)));
    if (!affordable.isEmpty()) {
      promised += affordable.size();
      upcoming.add(new Visit(shop, planned++, user, start, affordable, ring));
    }
  }

  /**
   * Squared, so that few do much and many do little: the busiest has one visit in √users. Who has
   * left comes no more, and comes less in the days before.
   */
  private int pickUser(long time) {
    for (int i = 0; i < 50; i++) {
      double skewed = random.nextDouble();
      int user = (int) (plan.users() * skewed * skewed);
      long leavesAt = shop.population().leavesAt(user);
      boolean stays = leavesAt == Population.NEVER || time < leavesAt - 5 * DAY;
      if (stays || (time < leavesAt && random.nextInt(3) == 0)) {
        return user;
      }
    }
    return 0;
  }

  private List<Step> script(boolean signsUp) {
    List<Step> script = new ArrayList<>();
    if (signsUp) {
      script.add(Step.SIGNUP);
    }
    int failures = random.nextInt(100) < 6 ? 1 + random.nextInt(3) : 0;
    for (int i = 0; i < failures; i++) {
      script.add(Step.LOGIN_FAILED);
    }
    if (failures < 3 || random.nextInt(3) > 0) {
      script.add(Step.LOGIN);
      shopAround(script);
    }
    return script;
  }

  private void shopAround(List<Step> script) {
    int inCart = 0;
    for (int steps = 1; steps < MOST_FOUND_BROWSING && random.nextInt(10) > 0; steps++) {
      int dice = random.nextInt(20);
      if (dice < 3) {
        script.add(Step.SEARCH);
      } else if (dice < 6) {
        script.add(Step.ADD_TO_CART);
        inCart++;
      } else if (dice < 7 && inCart > 0) {
        script.add(Step.REMOVE_FROM_CART);
        inCart--;
      } else {
        script.add(Step.BROWSING);
      }
    }
    if (inCart > 0 && random.nextInt(10) < 6) {
      script.add(Step.CHECKOUT);
      if (random.nextInt(10) < 7) {
        script.add(Step.PURCHASE);
      }
    }
    if (random.nextInt(10) < 6) {
      script.add(Step.LOGOUT);
    }
  }

  private void attack(Ring ring, long from) {
    ring.attack();
    for (int user : ring.members()) {
      List<Step> script = new ArrayList<>();
      for (int failures = 3 + random.nextInt(3); failures > 0; failures--) {
        script.add(Step.LOGIN_FAILED);
      }
      script.add(Step.LOGIN);
      for (int purchases = 3 + random.nextInt(3); purchases > 0; purchases--) {
        script.add(Step.ADD_TO_CART);
        script.add(Step.PURCHASE);
      }
      known[user] = true;
      open(user, from + random.nextInt(2 * 3_600) * Micros.PER_UNIT, script, ring);
    }
  }

  private void order(Ring ring, Sent purchase) {
    ObjectNode event = purchase.event();
    String orderId = event.path("order_id").textValue();
    String eventId = event.path("event_id").textValue();
    if (promised == total || random.nextInt(10) == 0) {
      ring.ordered(new Ring.Order(orderId, eventId, null));
      return;
    }
    promised++;
    String chargeback = shop.ids().next("e-");
    ring.ordered(new Ring.Order(orderId, eventId, chargeback));
    upcoming.add(
        new Chargeback(
            shop,
            planned++,
            purchase.user(),
            purchase.time() + chargebackDelay(purchase.time()),
            chargeback,
            orderId,
            event.path("value").decimalValue(),
            event.path("currency").textValue()));
  }

  /** Three days to two weeks, less if the shop closes before. */
  private long chargebackDelay(long time) {
    long delay = 3 * DAY + (long) (random.nextDouble() * 11 * DAY);
    long left = Math.max(HOUR, Micros.of(plan.end()) - time);
    return delay < left ? delay : (long) ((0.3 + 0.6 * random.nextDouble()) * left);
  }
}
