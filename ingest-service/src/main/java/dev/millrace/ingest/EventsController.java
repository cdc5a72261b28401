package dev.millrace.ingest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.EventBatch;
import dev.millrace.schemas.EventBatch.MalformedBatchException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Takes events over HTTP. 202 means that the broker has them; whether an event is valid is decided
 * behind, so that a bad one is quarantined with its reasons and not lost in an error message.
 */
@RestController
final class EventsController {

  static final String NDJSON = "application/x-ndjson";
  private static final String NOT_ACKNOWLEDGED =
      "The broker did not acknowledge in time; send it again, with the same event_id.";

  /** What became of one event of a request. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Receipt(
      int status,
      @JsonProperty("ingest_id") @Nullable String ingestId,
      @Nullable Integer partition,
      @Nullable Long offset,
      @Nullable String detail) {

    boolean isAccepted() {
      return status == HttpStatus.ACCEPTED.value();
    }
  }

  /** What became of a batch, in its order. */
  record BatchReceipt(int accepted, int failed, List<Receipt> events) {}

  /** An event on its way to the broker. */
  private record Sent(String ingestId, CompletableFuture<RecordMetadata> acknowledged) {}

  private final KnownSources sources;
  private final RawEvents rawEvents;
  private final RawPublisher publisher;
  private final IngestProperties limits;
  private final Counter accepted;
  private final Clock clock = Clock.systemUTC();

  EventsController(
      KnownSources sources,
      RawEvents rawEvents,
      RawPublisher publisher,
      IngestProperties limits,
      MeterRegistry metrics) {
    this.sources = sources;
    this.rawEvents = rawEvents;
    this.publisher = publisher;
    this.limits = limits;
    this.accepted = metrics.counter("millrace.events.accepted", "door", "http");
  }

  /** One JSON event. */
  @PostMapping(path = "/v1/events", consumes = ContentType.JSON, produces = ContentType.JSON)
  ResponseEntity<Receipt> event(
      @RequestParam(name = "source", defaultValue = KnownSources.DEFAULT) String source,
      HttpServletRequest request)
      throws IOException, InterruptedException {
    sources.require(source);
    byte[] payload = RequestBytes.event(request, limits);
    Receipt receipt = receipt(send(source, payload));
    if (!receipt.isAccepted()) {
      throw Problem.unavailable(NOT_ACKNOWLEDGED);
    }
    return ResponseEntity.accepted().body(receipt);
  }

  /** A JSON array of events, or one event a line; an error only if none of them was taken. */
  @PostMapping(
      path = "/v1/events:batch",
      consumes = {ContentType.JSON, NDJSON},
      produces = ContentType.JSON)
  ResponseEntity<BatchReceipt> batch(
      @RequestParam(name = "source", defaultValue = KnownSources.DEFAULT) String source,
      HttpServletRequest request)
      throws IOException, InterruptedException {
    sources.require(source);
    byte[] body = RequestBytes.read(request, limits);
    List<byte[]> payloads = payloads(request, body);
    if (payloads.isEmpty()) {
      throw new Problem(HttpStatus.BAD_REQUEST, "Empty batch", "Send at least one event.");
    }
    if (payloads.size() > limits.maxBatch()) {
      throw new Problem(
          HttpStatus.CONTENT_TOO_LARGE,
          "Too many events",
          "At most %d events are taken at once; send several requests."
              .formatted(limits.maxBatch()));
    }
    List<Receipt> receipts = new ArrayList<>();
    for (@Nullable Sent one : sendAll(source, payloads)) {
      receipts.add(one == null ? tooLarge() : receipt(one));
    }
    int accepted = (int) receipts.stream().filter(Receipt::isAccepted).count();
    if (accepted == 0) {
      throw nothingTaken(receipts);
    }
    return ResponseEntity.status(
            accepted == receipts.size() ? HttpStatus.ACCEPTED : HttpStatus.MULTI_STATUS)
        .body(new BatchReceipt(accepted, receipts.size() - accepted, receipts));
  }

  /** All are sent before the first is waited for, so a batch costs one round trip. */
  private List<@Nullable Sent> sendAll(String source, List<byte[]> payloads) {
    List<@Nullable Sent> sent = new ArrayList<>();
    @Nullable Sent failedAtOnce = null;
    for (byte[] payload : payloads) {
      if (payload.length > limits.maxEventBytes()) {
        sent.add(null);
        continue;
      }
      // Without a broker every send would block for the whole bound; one of them is enough.
      Sent one = failedAtOnce == null ? send(source, payload) : failedAtOnce;
      failedAtOnce = one.acknowledged().isCompletedExceptionally() ? one : null;
      sent.add(one);
    }
    return sent;
  }

  private static List<byte[]> payloads(HttpServletRequest request, byte[] body) {
    if (ContentType.withoutParameters(String.valueOf(request.getContentType())).equals(NDJSON)) {
      return EventBatch.ofLines(body);
    }
    try {
      return EventBatch.ofJsonArray(body);
    } catch (MalformedBatchException e) {
      throw new Problem(
          HttpStatus.BAD_REQUEST, "Malformed batch", e.getMessage() + "; nothing of it was taken.");
    }
  }

  /** What kept a whole batch out; its receipts stand under {@code events}. */
  private Problem nothingTaken(List<Receipt> receipts) {
    boolean tooLarge =
        receipts.stream().allMatch(r -> r.status() == HttpStatus.CONTENT_TOO_LARGE.value());
    Problem problem =
        tooLarge
            ? RequestBytes.tooLarge(limits.maxEventBytes())
            : Problem.unavailable(NOT_ACKNOWLEDGED);
    problem.getBody().setProperty("events", receipts);
    return problem;
  }

  private Sent send(String source, byte[] payload) {
    String ingestId = UUID.randomUUID().toString();
    return new Sent(
        ingestId,
        publisher.publish(
            rawEvents.of(ingestId, source, ContentType.JSON, payload, clock.instant())));
  }

  private Receipt receipt(Sent sent) throws InterruptedException {
    try {
      RecordMetadata place =
          sent.acknowledged().get(2 * limits.acknowledgeWithin().toMillis(), TimeUnit.MILLISECONDS);
      accepted.increment();
      return new Receipt(
          HttpStatus.ACCEPTED.value(), sent.ingestId(), place.partition(), place.offset(), null);
    } catch (ExecutionException | TimeoutException e) {
      return new Receipt(
          HttpStatus.SERVICE_UNAVAILABLE.value(), null, null, null, NOT_ACKNOWLEDGED);
    }
  }

  private Receipt tooLarge() {
    return new Receipt(
        HttpStatus.CONTENT_TOO_LARGE.value(),
        null,
        null,
        null,
        "At most %d bytes are taken for one event.".formatted(limits.maxEventBytes()));
  }
}
