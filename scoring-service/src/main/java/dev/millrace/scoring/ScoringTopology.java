package dev.millrace.scoring;

import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;

/**
 * Scores feature vectors; one score per vector and active model. It keeps no state.
 *
 * <pre>
 * features.* → score ─┬─ score       → scores
 *                     └─ quarantined → events.quarantined
 * </pre>
 */
final class ScoringTopology
    implements Function<KStream<String, byte[]>, KStream<String, byte[]>[]> {

  private final Supplier<FixedKeyProcessor<String, byte[], Scored>> processor;

  ScoringTopology(Supplier<FixedKeyProcessor<String, byte[], Scored>> processor) {
    this.processor = processor;
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // the binder asks for an array of a generic type
  public KStream<String, byte[]>[] apply(KStream<String, byte[]> vectors) {
    KStream<String, Scored> scored = vectors.processValues(processor::get, Named.as("score"));
    return new KStream[] {
      scored
          .filter((user, one) -> one.isScore(), Named.as("only-scores"))
          .mapValues(Scored::message, Named.as("score-message")),
      scored
          .filterNot((user, one) -> one.isScore(), Named.as("only-quarantined"))
          .mapValues(Scored::message, Named.as("quarantined-message"))
    };
  }
}
