package dev.millrace.schemas;

import dev.millrace.core.Activation;
import dev.millrace.core.Arrival;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.OriginMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schema.RawEventMessage;
import dev.millrace.schema.ViolationMessage;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/** Core values to messages and back; decides nothing. */
public final class Messages {

  /** Position of each event field in a clean event; the two share their names. */
  private static final Map<EventField, Integer> CLEAN_POSITIONS = cleanPositions();

  private Messages() {}

  public static OriginMessage origin(Origin origin) {
    return new OriginMessage(origin.topicId(), origin.partition(), origin.offset());
  }

  public static Origin origin(OriginMessage message) {
    return new Origin(message.getTopicId(), message.getPartition(), message.getOffset());
  }

  public static byte[] payload(RawEventMessage raw) {
    ByteBuffer payload = raw.getPayload().duplicate();
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    return bytes;
  }

  /** What cleansing decides on. */
  public static Arrival arrival(
      Origin origin, String key, RawEventMessage raw, byte[] payload, Arrival.Reading reading) {
    return new Arrival(
        origin,
        key,
        raw.getSource(),
        raw.getReceivedAt(),
        raw.getActivationOffset(),
        CanonicalHash.start().add(payload).digest128(),
        reading);
  }

  /**
   * @param lookups SHA-256 by kind and name of what the contract looked up
   */
  public static CleanEventMessage clean(
      CleanEvent event, String mappingSha256, String contractSha256, Map<String, String> lookups) {
    CleanEventMessage message = new CleanEventMessage();
    CLEAN_POSITIONS.forEach(
        (field, position) -> message.put(position, event.content().value(field)));
    message.setUserId(event.userId());
    message.setEventId(event.eventId());
    message.setEventIdDerived(event.eventIdDerived());
    message.setEventTime(event.eventTime());
    message.setReceivedAt(event.receivedAt());
    message.setLate(event.late());
    message.setProcessingDate(event.processingDate());
    message.setAttributes(event.content().attributes());
    message.setFlags(event.flags());
    message.setSource(event.source());
    message.setOrigin(origin(event.origin()));
    message.setActivationOffset(event.activationOffset());
    message.setMappingSha256(mappingSha256);
    message.setContractSha256(contractSha256);
    message.setLookups(lookups);
    return message;
  }

  public static CleanEvent clean(CleanEventMessage message) {
    EventContent.Builder content = new EventContent.Builder().attributes(message.getAttributes());
    CLEAN_POSITIONS.forEach((field, position) -> content.put(field, message.get(position)));
    return new CleanEvent(
        message.getUserId(),
        message.getEventId(),
        message.getEventIdDerived(),
        message.getEventTime(),
        message.getReceivedAt(),
        message.getLate(),
        origin(message.getOrigin()),
        message.getSource(),
        message.getActivationOffset(),
        content.build(),
        message.getFlags());
  }

  /**
   * @param lookups SHA-256 by kind and name of what the contract looked up
   */
  public static DuplicateEventMessage duplicate(
      Arrival arrival,
      Outcome.Duplicate duplicate,
      String mappingSha256,
      String contractSha256,
      Map<String, String> lookups) {
    return DuplicateEventMessage.newBuilder()
        .setUserId(arrival.key())
        .setEventId(duplicate.eventId())
        .setEventTime(duplicate.eventTime())
        .setReceivedAt(arrival.receivedAt())
        .setSource(arrival.source())
        .setOrigin(origin(arrival.origin()))
        .setFirstOrigin(origin(duplicate.first()))
        .setActivationOffset(arrival.activationOffset())
        .setMappingSha256(mappingSha256)
        .setContractSha256(contractSha256)
        .setLookups(lookups)
        .build();
  }

  /**
   * A quarantine record with its reasons; the caller adds what else it knows.
   *
   * @param payload whose hash and length are told; its bytes are not
   */
  public static QuarantinedEventMessage.Builder quarantined(
      String stage, Origin origin, byte[] payload, List<Violation> violations) {
    return QuarantinedEventMessage.newBuilder()
        .setStage(stage)
        .setOrigin(origin(origin))
        .setPayloadSha256(CanonicalHash.sha256Hex(payload))
        .setPayloadBytes(payload.length)
        .setActivationOffset(-1)
        .setViolations(violations.stream().map(Messages::violation).toList());
  }

  private static ViolationMessage violation(Violation violation) {
    return new ViolationMessage(violation.rule().name(), violation.field(), violation.message());
  }

  public static FeatureVectorMessage vector(FeatureVector vector) {
    FeatureVectorMessage message = new FeatureVectorMessage();
    message.setUserId(vector.userId());
    message.setEventId(vector.eventId());
    message.setEventType(vector.eventType());
    message.setAsOf(vector.asOf());
    message.setReceivedAt(vector.receivedAt());
    message.setLate(vector.late());
    message.setFeatureSet(vector.featureSet());
    message.setFeatureSetVersion(vector.featureSetVersion());
    message.setFeatureSetSha256(vector.featureSetSha256());
    message.setValues(vector.values());
    message.setVectorSha256(vector.sha256());
    message.setOrigin(origin(vector.origin()));
    message.setActivationOffset(vector.activationOffset());
    return message;
  }

  public static FeatureVector vector(FeatureVectorMessage message) {
    return new FeatureVector(
        message.getUserId(),
        message.getEventId(),
        message.getEventType(),
        message.getAsOf(),
        message.getReceivedAt(),
        message.getLate(),
        origin(message.getOrigin()),
        message.getActivationOffset(),
        message.getFeatureSet(),
        message.getFeatureSetVersion(),
        message.getFeatureSetSha256(),
        message.getValues());
  }

  /**
   * An activation for the log.
   *
   * @param at when, for people; the offset decides
   */
  public static ActivationMessage activation(
      Activation activation, URI uri, String by, String reason, Instant at) {
    return ActivationMessage.newBuilder()
        .setKind(activation.kind())
        .setName(activation.name())
        .setVersion(activation.version())
        .setSha256(activation.sha256())
        .setRole(activation.role())
        .setWithdrawn(activation.withdrawn())
        .setUri(uri.toString())
        .setActivatedBy(by)
        .setReason(reason)
        .setActivatedAt(at)
        .build();
  }

  public static Activation activation(ActivationMessage message) {
    return new Activation(
        message.getKind(),
        message.getName(),
        message.getVersion(),
        message.getSha256(),
        message.getRole(),
        message.getWithdrawn());
  }

  private static Map<EventField, Integer> cleanPositions() {
    Map<EventField, Integer> positions = new EnumMap<>(EventField.class);
    for (EventField field : EventField.values()) {
      Schema.Field column = CleanEventMessage.getClassSchema().getField(field.fieldName());
      if (column == null) {
        throw new IllegalStateException("A clean event has no column " + field.fieldName());
      }
      positions.put(field, column.pos());
    }
    return positions;
  }
}
