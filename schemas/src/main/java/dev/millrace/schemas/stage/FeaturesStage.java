package dev.millrace.schemas.stage;

import dev.millrace.core.CleanEvent;
import dev.millrace.core.Origin;
import dev.millrace.core.Violation;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FoldedEvent;
import dev.millrace.core.features.UserActivity;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schema.FeatureVectorMessage;
import dev.millrace.schema.QuarantinedEventMessage;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.Messages;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Clean events to feature vectors, by {@link FeatureFold}. */
public final class FeaturesStage {

  /** As quarantine records and metrics name it. */
  public static final String NAME = "features";

  /** A clean event; it is mapped once for all sets, and fails for each if it fails. */
  public static final class Arrived {
    private final Origin place;
    private final CleanEventMessage message;
    private final byte[] bytes;
    private @Nullable CleanEvent event;

    /**
     * @param place of the record that it came with, which names it if it provokes a fault
     * @param bytes of the message, as {@link MessageCodec} writes them
     */
    public Arrived(Origin place, CleanEventMessage message, byte[] bytes) {
      this.place = place;
      this.message = message;
      this.bytes = bytes;
    }

    private CleanEvent event() {
      if (event == null) {
        event = Messages.clean(message);
      }
      return event;
    }
  }

  /** What the fold takes of an event. */
  private record Taken(FeatureFold fold, FoldedEvent event) {}

  /**
   * @param instead what becomes of an event of which nothing could be taken
   */
  private record Attempt(@Nullable Taken taken, @Nullable Folded instead) {}

  private final MessageCodec<QuarantinedEventMessage> quarantined;
  private final Guard guard;

  public FeaturesStage(MessageCodec<QuarantinedEventMessage> quarantined, Guard guard) {
    this.quarantined = quarantined;
    this.guard = guard;
  }

  /**
   * Folds one event under one set.
   *
   * @param fold of the set; asked for each event
   * @param vectors how the set's vectors are written
   * @param activities of users under each set, by its number; changed if there is a vector
   */
  public Folded fold(
      ActiveFeatureSet set,
      Supplier<FeatureFold> fold,
      MessageCodec<FeatureVectorMessage> vectors,
      Arrived arrived,
      StateHost<UserActivity, FoldedEvent> activities) {
    long number = set.number();
    @Nullable Fault before = activities.recall(number, arrived.place);
    if (before != null) {
      return faulty(set, arrived, before);
    }
    Attempt attempt =
        guard.decide(
            () -> {
              FeatureFold asked = fold.get();
              return new Attempt(new Taken(asked, asked.take(arrived.event())), null);
            },
            fault -> new Attempt(null, faulty(set, arrived, fault)));
    Taken taken = attempt.taken();
    return taken == null
        ? Objects.requireNonNull(attempt.instead())
        : guard.decide(
            () -> vector(number, taken, arrived.event(), vectors, activities),
            fault -> {
              activities.takeBack(number, arrived.event().userId(), arrived.place, fault);
              return faulty(set, arrived, fault);
            });
  }

  /** Of a record that holds no clean event. */
  public Folded unreadable(Origin place, byte[] value, Violation violation) {
    List<Violation> violations = List.of(violation);
    return quarantined(Messages.quarantined(NAME, place, value, violations), violations);
  }

  private static Folded vector(
      long number,
      Taken taken,
      CleanEvent event,
      MessageCodec<FeatureVectorMessage> vectors,
      StateHost<UserActivity, FoldedEvent> activities) {
    activities.apply(number, event.userId(), taken.event());
    UserActivity activity = activities.state(number, event.userId());
    return new Folded(
        vectors.encode(Messages.vector(taken.fold().vector(activity, event, taken.event()))),
        List.of());
  }

  private Folded faulty(ActiveFeatureSet set, Arrived arrived, Fault fault) {
    CleanEventMessage message = arrived.message;
    List<Violation> violations = List.of(fault.violation());
    return quarantined(
        Messages.quarantined(
                NAME,
                Messages.origin(message.getOrigin()),
                MessageCodec.content(arrived.bytes),
                violations)
            .setException(fault.exception())
            .setEventId(message.getEventId())
            .setEventTime(message.getEventTime())
            .setReceivedAt(message.getReceivedAt())
            .setSource(message.getSource())
            .setFeatureSetSha256(set.activation().sha256())
            .setActivationOffset(message.getActivationOffset()),
        violations);
  }

  private Folded quarantined(QuarantinedEventMessage.Builder record, List<Violation> violations) {
    return new Folded(quarantined.encode(record.build()), violations);
  }
}
