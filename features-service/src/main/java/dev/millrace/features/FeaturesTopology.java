package dev.millrace.features;

import dev.millrace.core.features.FeatureFold;
import dev.millrace.streams.UserStates;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Folds clean events into feature vectors, one per event.
 *
 * <pre>
 * events.clean → fold ─┬─ vector      → features.user-activity
 *                      └─ quarantined → events.quarantined
 * </pre>
 *
 * <p>{@code fold} keeps each user's activity in the store {@value #ACTIVITY_BY_USER}.
 */
final class FeaturesTopology
    implements Function<KStream<String, byte[]>, KStream<String, byte[]>[]> {

  static final String ACTIVITY_BY_USER = "activity-by-user";

  private final FeatureFold fold;
  private final Supplier<FixedKeyProcessor<String, byte[], Folded>> processor;

  FeaturesTopology(
      FeatureFold fold, Supplier<FixedKeyProcessor<String, byte[], Folded>> processor) {
    this.fold = fold;
    this.processor = processor;
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // the binder asks for an array of a generic type
  public KStream<String, byte[]>[] apply(KStream<String, byte[]> clean) {
    KStream<String, Folded> folded =
        clean.processValues(new Fold(fold, processor), Named.as("fold"));
    return new KStream[] {
      folded
          .filter((user, event) -> event.isVector(), Named.as("only-vectors"))
          .mapValues(Folded::message, Named.as("vector-message")),
      folded
          .filterNot((user, event) -> event.isVector(), Named.as("only-quarantined"))
          .mapValues(Folded::message, Named.as("quarantined-message"))
    };
  }

  /** The processor with its store; the store's changelog is named after it. */
  private record Fold(
      FeatureFold fold, Supplier<FixedKeyProcessor<String, byte[], Folded>> processor)
      implements FixedKeyProcessorSupplier<String, byte[], Folded> {

    @Override
    public FixedKeyProcessor<String, byte[], Folded> get() {
      return processor.get();
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(new UserStates<>(ACTIVITY_BY_USER, fold));
    }
  }
}
