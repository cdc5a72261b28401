package dev.millrace.local.generator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.Micros;
import java.util.Random;

/**
 * What all visits share.
 *
 * @param random drawn from in the order in which events are sent
 */
record Shop(Population population, Catalogue catalogue, Ids ids, Random random) {

  /** The members that every event has. */
  ObjectNode event(String eventId, int user, long time, String type) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("event_id", eventId)
        .put("user_id", population.id(user))
        .put("event_time", text(time))
        .put("event_type", type)
        .put("country", population.market(user).country());
  }

  static String text(long time) {
    return Micros.toInstant(time).toString();
  }
}
