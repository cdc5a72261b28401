package dev.millrace.ingest;

import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.Processor;

/**
 * Takes whatever stands on the inbound topic; every record becomes a raw record, exactly once.
 *
 * <pre>
 * events.inbound → envelop → events.raw
 * </pre>
 */
final class IngestTopology implements Function<KStream<byte[], byte[]>, KStream<String, byte[]>> {

  private final Supplier<Processor<byte[], byte[], String, byte[]>> processor;

  IngestTopology(Supplier<Processor<byte[], byte[], String, byte[]>> processor) {
    this.processor = processor;
  }

  @Override
  public KStream<String, byte[]> apply(KStream<byte[], byte[]> inbound) {
    return inbound.process(processor::get, Named.as("envelop"));
  }
}
