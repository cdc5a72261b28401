package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.Activation;
import dev.millrace.core.Arrival;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.Digest128;
import dev.millrace.core.EventContent;
import dev.millrace.core.EventField;
import dev.millrace.core.FeatureVector;
import dev.millrace.core.Origin;
import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.schema.ActivationMessage;
import dev.millrace.schema.DuplicateEventMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MessagesTest {

  private static final Instant TIME = Instant.parse("2026-01-01T12:00:00.123456Z");
  private static final Origin ORIGIN = new Origin("topic", 2, 41);

  @Test
  void aCleanEventComesBackAsItWent() {
    CleanEvent event =
        new CleanEvent(
            "ann",
            "e-1",
            false,
            TIME,
            TIME.plusSeconds(1),
            true,
            ORIGIN,
            "web",
            7,
            new EventContent(
                Map.of(
                    EventField.USER_ID, "ann",
                    EventField.EVENT_ID, "e-1",
                    EventField.EVENT_TIME, TIME,
                    EventField.EVENT_TYPE, "view",
                    EventField.VALUE_MICROS, 5L),
                new TreeMap<>(Map.of("clicks", 3L, "vip", true))),
            List.of("value_micros:OUTLIER_BOUNDS"));

    assertThat(Messages.clean(Messages.clean(event, "m", "c", Map.of("geo/ip", "g"))))
        .isEqualTo(event);
  }

  @Test
  void aVectorComesBackAsItWentAndCarriesItsHash() {
    FeatureVector vector =
        new FeatureVector(
            "ann",
            "e-1",
            "view",
            TIME,
            TIME,
            false,
            ORIGIN,
            7,
            "set",
            1,
            "hash",
            Arrays.asList(1L, null, 0.5, "x", true, Arrays.asList("a", 2L, null)));

    assertThat(Messages.vector(Messages.vector(vector))).isEqualTo(vector);
    assertThat(Messages.vector(vector).getVectorSha256()).isEqualTo(vector.sha256());
  }

  @Test
  void aDuplicateNamesBothPlaces() {
    Arrival arrival =
        new Arrival(
            ORIGIN,
            "ann",
            "web",
            TIME,
            7,
            new Digest128(0, 0),
            new Arrival.Reading(new EventContent(Map.of()), List.of()));

    DuplicateEventMessage message =
        Messages.duplicate(
            arrival,
            new Outcome.Duplicate("e-1", TIME, new Origin("topic", 2, 3)),
            "m",
            "c",
            Map.of());

    assertThat(Messages.origin(message.getOrigin())).isEqualTo(ORIGIN);
    assertThat(message.getFirstOrigin().getOffset()).isEqualTo(3);
    assertThat(message.getUserId()).isEqualTo("ann");
  }

  @Test
  void aQuarantineRecordPointsToThePayloadAndDoesNotHoldIt() {
    QuarantinedEventMessage message =
        Messages.quarantined(
                "cleansing",
                ORIGIN,
                new byte[] {1, 2, 3},
                List.of(new Violation(Reason.MISSING_FIELD, "user_id", "is required")))
            .build();

    assertThat(message.getPayloadBytes()).isEqualTo(3);
    assertThat(message.getPayloadSha256())
        .isEqualTo("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
    assertThat(message.getViolations().get(0).getRule()).isEqualTo("MISSING_FIELD");
  }

  @Test
  void anActivationIsReadFromItsMessage() {
    Activation activation = new Activation("model", "fraud", 3, "a".repeat(64), "challenger", true);

    ActivationMessage message =
        Messages.activation(activation, URI.create("file:///a"), "ann", "why", TIME);

    assertThat(Messages.activation(message)).isEqualTo(activation);
    assertThat(activation.key()).isEqualTo("model/fraud@3");
  }
}
