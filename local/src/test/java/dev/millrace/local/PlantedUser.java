package dev.millrace.local;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/**
 * A user whose event holds values that a contract marks and that no other user has, beside values
 * that may be seen.
 *
 * @param n from 1 to {@value #LAST}
 */
record PlantedUser(int n) {

  static final int LAST = 99;

  /** What every value begins with that may be seen. */
  static final String VISIBLE = "visible-planted";

  private static final List<String> MARKED = List.of("email", "phone", "passport", "account");

  /** One number as people write it. */
  private static final List<String> PHONES =
      List.of(
          "0151 234567%02d",
          "+49 151 234567%02d",
          "0049151234567%02d",
          "(0151) 2345-67%02d",
          "0151/234567%02d",
          "+49-151-234567%02d");

  static final int SPELLINGS = PHONES.size();

  static final Schema AVRO = schema();

  private static Schema schema() {
    SchemaBuilder.FieldAssembler<Schema> fields = SchemaBuilder.record("Planted").fields();
    List.of("user_id", "event_id", "event_time", "event_type").forEach(fields::requiredString);
    MARKED.forEach(fields::requiredString);
    return fields.endRecord();
  }

  /** Everybody's marked values, as they are sent and in their normal form. */
  static Set<String> allMarkedValues() {
    return IntStream.rangeClosed(1, LAST)
        .mapToObj(PlantedUser::new)
        .flatMap(
            user ->
                Stream.of(
                    user.email(), user.phone(), user.digits(), user.passport(), user.account()))
        .collect(Collectors.toUnmodifiableSet());
  }

  String email() {
    return "Planted.Person%02d@Hidden-Domain.example".formatted(n);
  }

  String phone() {
    return PHONES.get(n % SPELLINGS).formatted(n);
  }

  /** As they stand in every spelling that has no gaps, the normal form among them. */
  private String digits() {
    return "151234567%02d".formatted(n);
  }

  String passport() {
    return "planted-passport-%02d-xq".formatted(n);
  }

  String account() {
    return "planted account %02d/ü".formatted(n);
  }

  String id() {
    return VISIBLE + "-user-" + n;
  }

  private String eventId() {
    return VISIBLE + "-id-" + n;
  }

  /** Members of a JSON object, to go behind others. */
  String members() {
    return with("email", email())
        + with("phone", phone())
        + with("passport", passport())
        + with("account", account());
  }

  static String with(String name, String value) {
    return ", \"%s\": \"%s\"".formatted(name, value);
  }

  String event() {
    return event(members());
  }

  /** With these members instead of the marked ones. */
  String event(String members) {
    return """
        {"user_id": "%s", "event_id": "%s", "event_time": "2026-01-05T12:00:00Z", "event_type": "view", "product_id": "%s-product"%s}"""
        .formatted(id(), eventId(), VISIBLE, members);
  }

  /** A line of source {@code members}. */
  String row() {
    return String.join(
            ",", id(), eventId(), "2026-01-05T12:00:00Z", email(), phone(), passport(), account())
        + "\n";
  }

  GenericRecord avro() {
    return new GenericRecordBuilder(AVRO)
        .set("user_id", id())
        .set("event_id", eventId())
        .set("event_time", "2026-01-05T12:00:00Z")
        .set("event_type", "view")
        .set("email", email())
        .set("phone", phone())
        .set("passport", passport())
        .set("account", account())
        .build();
  }
}
