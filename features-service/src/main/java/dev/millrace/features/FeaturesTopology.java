package dev.millrace.features;

import dev.millrace.streams.UserStates;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Folds clean events into feature vectors, one per event and feature set in force.
 *
 * <pre>
 * events.clean → fold ─┬─ vector      → features.user-activity, and a topic for each other set
 *                      └─ quarantined → events.quarantined
 * </pre>
 *
 * <p>{@code fold} keeps each user's activity under each set in the store {@value
 * #ACTIVITY_BY_USER}. Which sets there are is said by events, so the topology is the same whatever
 * is activated.
 */
final class FeaturesTopology implements Function<KStream<String, byte[]>, KStream<String, byte[]>> {

  static final String ACTIVITY_BY_USER = "activity-by-user";

  private final FoldedSets sets;
  private final Supplier<FixedKeyProcessor<String, byte[], Outgoing>> processor;

  FeaturesTopology(
      FoldedSets sets, Supplier<FixedKeyProcessor<String, byte[], Outgoing>> processor) {
    this.sets = sets;
    this.processor = processor;
  }

  @Override
  public KStream<String, byte[]> apply(KStream<String, byte[]> clean) {
    KStream<String, Outgoing> folded =
        clean.processValues(new Fold(sets, processor), Named.as("fold"));
    folded
        .filter((user, event) -> event.isVector(), Named.as("only-vectors"))
        .to(
            (user, event, context) -> Objects.requireNonNull(event.topic()),
            Produced.<String, Outgoing>as("to-features")
                .withKeySerde(Serdes.String())
                .withValueSerde(
                    Serdes.serdeFrom(FeaturesTopology::message, FeaturesTopology::none)));
    return folded
        .filterNot((user, event) -> event.isVector(), Named.as("only-quarantined"))
        .mapValues(Outgoing::message, Named.as("quarantined-message"));
  }

  private static byte[] message(String topic, Outgoing outgoing) {
    return outgoing.message();
  }

  private static Outgoing none(String topic, byte[] message) {
    throw new UnsupportedOperationException("Vectors are written only");
  }

  /** The processor with its store; the store's changelog is named after it. */
  private record Fold(
      FoldedSets sets, Supplier<FixedKeyProcessor<String, byte[], Outgoing>> processor)
      implements FixedKeyProcessorSupplier<String, byte[], Outgoing> {

    @Override
    public FixedKeyProcessor<String, byte[], Outgoing> get() {
      return processor.get();
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(new UserStates<>(ACTIVITY_BY_USER, sets::fold));
    }
  }
}
