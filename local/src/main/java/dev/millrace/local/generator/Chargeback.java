package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;

/**
 * The bank takes the money for an order back; nobody's session, device or address.
 *
 * @param eventId its own
 */
record Chargeback(
    Shop shop,
    long number,
    int user,
    long time,
    String eventId,
    String orderId,
    BigDecimal value,
    String currency)
    implements Upcoming {

  @Override
  public Sent send() {
    ObjectNode event = shop.event(eventId, user, time, "chargeback");
    event.put("value", value).put("currency", currency).put("order_id", orderId);
    return new Sent(user, time, event);
  }

  @Override
  public boolean isOver() {
    return true;
  }
}
