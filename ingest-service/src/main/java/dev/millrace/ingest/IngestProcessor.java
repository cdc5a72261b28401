package dev.millrace.ingest;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.Origin;
import dev.millrace.streams.TopicIds;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Puts an inbound record into its envelope. The broker's time is its arrival and its place is its
 * ingest id, so that a replay of the inbound topic makes the same raw records, but for the
 * activations that are known by then.
 */
final class IngestProcessor implements Processor<byte[], byte[], String, byte[]> {

  private final RawEvents rawEvents;
  private final String defaultSource;
  private final TopicIds topicIds;
  private final Counter accepted;
  private @Nullable ProcessorContext<String, byte[]> context;

  IngestProcessor(
      RawEvents rawEvents, String defaultSource, TopicIds topicIds, MeterRegistry metrics) {
    this.rawEvents = rawEvents;
    this.defaultSource = defaultSource;
    this.topicIds = topicIds;
    this.accepted = metrics.counter("millrace.events.accepted", "door", "topic");
  }

  @Override
  public void init(ProcessorContext<String, byte[]> context) {
    this.context = context;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    ProcessorContext<String, byte[]> out = Objects.requireNonNull(context);
    Origin inbound = topicIds.origin(out.recordMetadata().orElseThrow());
    byte[] payload = record.value() == null ? new byte[0] : record.value();
    InboundHeaders headers = InboundHeaders.of(record.headers());
    RawEvents.Keyed raw =
        rawEvents.of(
            ingestId(inbound),
            headers.source(defaultSource),
            headers.contentType(payload),
            payload,
            Instant.ofEpochMilli(record.timestamp()),
            inbound);
    accepted.increment();
    out.forward(new Record<>(raw.key(), raw.value(), record.timestamp()));
  }

  private static String ingestId(Origin inbound) {
    return CanonicalHash.start()
        .add(inbound.topicId())
        .add(inbound.partition())
        .add(inbound.offset())
        .digest128()
        .hex();
  }
}
