package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One user's session: what happens is settled when it begins, when and how on the way. */
final class Visit implements Upcoming {

  /** What a user does, and within how many seconds of what was before. */
  enum Step {
    LOGIN_FAILED(20),
    SIGNUP(60),
    LOGIN(30),
    BROWSING(90),
    SEARCH(40),
    ADD_TO_CART(45),
    REMOVE_FROM_CART(30),
    CHECKOUT(90),
    PURCHASE(120),
    LOGOUT(60);

    private final String eventType = name().toLowerCase(Locale.ROOT);
    private final int seconds;

    Step(int seconds) {
      this.seconds = seconds;
    }
  }

  private static final long MILLI = 1_000;

  /** Thieves know what they want. */
  private static final int RING_HASTE = 5;

  private final Shop shop;
  private final long number;
  private final int user;
  private final List<Step> script;
  private final @Nullable Ring ring;
  private final String sessionId;
  private final int device;
  private final boolean onTheWay;
  private final long start;
  private long time;
  private int at;
  private int product;
  private int quantity = 1;

  /**
   * @param start microseconds
   * @param ring whose devices and addresses are used; null for the user's own
   */
  Visit(Shop shop, long number, int user, long start, List<Step> script, @Nullable Ring ring) {
    this.shop = shop;
    this.number = number;
    this.user = user;
    this.script = script;
    this.ring = ring;
    // Producers' clocks tell thousandths.
    this.start = start / MILLI * MILLI;
    this.time = this.start;
    this.sessionId = shop.ids().next("s-");
    Random random = shop.random();
    this.device = random.nextInt(ring == null ? shop.population().devices(user) : ring.devices());
    this.onTheWay = device > 0 && random.nextBoolean();
    this.product = Catalogue.pick(random);
  }

  @Override
  public long time() {
    return time;
  }

  @Override
  public long number() {
    return number;
  }

  @Nullable Ring ring() {
    return ring;
  }

  @Override
  public boolean isOver() {
    return at == script.size();
  }

  /** Whether the last event was one. */
  boolean hasJustBought() {
    return at > 0 && script.get(at - 1) == Step.PURCHASE;
  }

  @Override
  public Sent send() {
    Step step = script.get(at++);
    Sent sent = new Sent(user, time, event(step));
    if (at < script.size()) {
      int millis = script.get(at).seconds * 1_000 / (ring == null ? 1 : RING_HASTE);
      time += (1_000 + shop.random().nextInt(millis)) * MILLI;
    }
    return sent;
  }

  private ObjectNode event(Step step) {
    Population population = shop.population();
    ObjectNode event =
        shop.event(shop.ids().next("e-"), user, time, step.eventType)
            .put("session_id", sessionId)
            .put("device_id", ring == null ? population.device(user, device) : ring.device(device))
            .put("ip", ip())
            .put("channel", device == 0 ? "web" : "app");
    switch (step) {
      case SIGNUP, LOGIN -> addContact(event);
      case LOGIN_FAILED -> {}
      case SEARCH -> event.put("results", shop.random().nextInt(80));
      case BROWSING -> {
        product = Catalogue.pick(shop.random());
        addProduct(event);
      }
      case ADD_TO_CART -> {
        quantity = ring == null ? 1 + shop.random().nextInt(3) : 3 + shop.random().nextInt(4);
        addProduct(event).put("quantity", quantity);
      }
      case REMOVE_FROM_CART -> addProduct(event).put("quantity", quantity);
      case CHECKOUT -> addPayment(event);
      case PURCHASE -> {
        addContact(event);
        addPayment(addProduct(event).put("quantity", quantity));
        event.put("order_id", shop.ids().next("o-"));
      }
      case LOGOUT ->
          event.put("duration", BigDecimal.valueOf((time - start) / MILLI, 3).stripTrailingZeros());
    }
    return event;
  }

  private String ip() {
    if (ring != null) {
      return ring.ip(device);
    }
    return onTheWay ? shop.population().mobileIp(user) : shop.population().homeIp(user);
  }

  private void addContact(ObjectNode event) {
    if (shop.population().givesEmail(user)) {
      event.put("email", shop.population().email(user));
    }
    if (shop.population().givesPhone(user)) {
      event.put("phone", shop.population().phone(user));
    }
  }

  private ObjectNode addProduct(ObjectNode event) {
    return event
        .put("product_id", Catalogue.id(product))
        .put("product_category", Catalogue.category(product));
  }

  private void addPayment(ObjectNode event) {
    event
        .put("value", shop.catalogue().price(product, quantity))
        .put("currency", shop.population().market(user).currency());
  }
}
