package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Accounts taken over by the same people: once, within hours, they buy from the same few devices
 * and addresses, and days later the owners want their money back.
 */
final class Ring {

  /**
   * @param event id of the purchase
   * @param chargeback id of the event that takes the money back; null if nobody noticed
   */
  record Order(String order, String event, @Nullable String chargeback) {}

  private final int number;
  private final long seed;
  private final List<Integer> members;
  private final long attacksAt;
  private final List<Order> orders = new ArrayList<>();
  private boolean attacked;

  /**
   * @param seed what its devices and addresses are drawn from
   * @param attacksAt microseconds
   */
  Ring(int number, long seed, List<Integer> members, long attacksAt) {
    this.number = number;
    this.seed = seed;
    this.members = List.copyOf(members);
    this.attacksAt = attacksAt;
  }

  String name() {
    return "ring-" + number;
  }

  List<Integer> members() {
    return members;
  }

  long attacksAt() {
    return attacksAt;
  }

  int devices() {
    return 2;
  }

  String device(int which) {
    return "d-" + HexFormat.of().toHexDigits(Hash.of(seed, 1, which), 12);
  }

  /** In the networks set aside for documentation, so that no honest user is there. */
  String ip(int which) {
    long address = Hash.of(seed, 2, which) >>> 1;
    return which == 0
        ? "2001:db8:0:" + Population.group(address) + "::" + Population.group(address >> 20)
        : (address % 2 == 0 ? "198.51.100." : "203.0.113.") + Population.host(address >> 8);
  }

  void attack() {
    attacked = true;
  }

  boolean hasAttacked() {
    return attacked;
  }

  void ordered(Order order) {
    orders.add(order);
  }

  /** As it stands in the file of rings. */
  ObjectNode json(Population population) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("ring", name());
    ArrayNode users = json.putArray("users");
    members.forEach(user -> users.add(population.id(user)));
    ArrayNode devices = json.putArray("devices");
    ArrayNode ips = json.putArray("ips");
    for (int i = 0; i < devices(); i++) {
      devices.add(device(i));
      ips.add(ip(i));
    }
    ArrayNode list = json.putArray("orders");
    for (Order order : orders) {
      list.addObject()
          .put("order_id", order.order())
          .put("purchase_event_id", order.event())
          .put("chargeback_event_id", order.chargeback());
    }
    return json;
  }
}
