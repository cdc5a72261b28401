package dev.millrace.cleansing;

import dev.millrace.core.cleansing.LedgerCodec;
import dev.millrace.schemas.stage.Sorted;
import dev.millrace.schemas.stage.Sorted.Way;
import dev.millrace.streams.UserStates;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Sorts raw events; every raw event leaves exactly once.
 *
 * <pre>
 * events.raw → clean ─┬─ clean       → events.clean
 *                     ├─ duplicate   → events.duplicates
 *                     └─ quarantined → events.quarantined
 * </pre>
 *
 * <p>{@code clean} keeps each user's ledger in the store {@value #LEDGER_BY_USER}.
 */
final class CleansingTopology
    implements Function<KStream<String, byte[]>, KStream<String, byte[]>[]> {

  static final String LEDGER_BY_USER = "ledger-by-user";

  private final Supplier<FixedKeyProcessor<String, byte[], Sorted>> processor;

  CleansingTopology(Supplier<FixedKeyProcessor<String, byte[], Sorted>> processor) {
    this.processor = processor;
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // the binder asks for an array of a generic type
  public KStream<String, byte[]>[] apply(KStream<String, byte[]> raw) {
    KStream<String, Sorted> sorted = raw.processValues(new Clean(processor), Named.as("clean"));
    return new KStream[] {
      only(Way.CLEAN, sorted), only(Way.DUPLICATE, sorted), only(Way.QUARANTINED, sorted)
    };
  }

  private static KStream<String, byte[]> only(Way way, KStream<String, Sorted> sorted) {
    String name = way.name().toLowerCase(Locale.ROOT);
    return sorted
        .filter((user, event) -> event.way() == way, Named.as("only-" + name))
        .mapValues(Sorted::message, Named.as(name + "-message"));
  }

  /** The processor with its store; the store's changelog is named after it. */
  private record Clean(Supplier<FixedKeyProcessor<String, byte[], Sorted>> processor)
      implements FixedKeyProcessorSupplier<String, byte[], Sorted> {

    @Override
    public FixedKeyProcessor<String, byte[], Sorted> get() {
      return processor.get();
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(new UserStates<>(LEDGER_BY_USER, new LedgerCodec()));
    }
  }
}
