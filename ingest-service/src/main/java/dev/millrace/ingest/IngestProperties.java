package dev.millrace.ingest;

import dev.millrace.schemas.Topics;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Everything an operator may set, under {@code millrace.ingest}. None of it changes an outcome.
 *
 * @param maxBody largest request body on the wire, and largest single event
 * @param maxInflatedBody largest body after inflating
 * @param maxBatch most events in one request
 * @param acknowledgeWithin how long the broker may take before a request is answered with 503
 * @param landing folder that files are taken from, on disk or {@code abfss://}; kept over a
 *     restart, and no other instance's
 * @param maxFile largest file that can be uploaded
 * @param maxInflatedFile largest file after inflating
 * @param scanEvery how often the landing folder is looked through; a file that has not changed
 *     since the last time is complete
 */
@ConfigurationProperties(prefix = "millrace.ingest", ignoreUnknownFields = false)
record IngestProperties(
    @DefaultValue("1MB") DataSize maxBody,
    @DefaultValue("10MB") DataSize maxInflatedBody,
    @DefaultValue("1000") int maxBatch,
    @DefaultValue("10s") Duration acknowledgeWithin,
    @DefaultValue("landing") String landing,
    @DefaultValue("4GB") DataSize maxFile,
    @DefaultValue("40GB") DataSize maxInflatedFile,
    @DefaultValue("2s") Duration scanEvery) {

  IngestProperties {
    if (maxBody.toBytes() < 1 || maxInflatedBody.compareTo(maxBody) < 0) {
      throw new IllegalArgumentException(
          "millrace.ingest.max-body must be at least 1B and max-inflated-body no less");
    }
    if (maxBatch < 1 || acknowledgeWithin.isNegative() || acknowledgeWithin.isZero()) {
      throw new IllegalArgumentException(
          "millrace.ingest.max-batch must be >= 1 and acknowledge-within longer than nothing");
    }
    if (maxFile.toBytes() < 1 || maxInflatedFile.compareTo(maxFile) < 0) {
      throw new IllegalArgumentException(
          "millrace.ingest.max-file must be at least 1B and max-inflated-file no less");
    }
    if (landing.contains("://") && !landing.startsWith(AzureFolder.SCHEME)) {
      throw new IllegalArgumentException(
          "millrace.ingest.landing is a folder on disk or begins with abfss://, not '%s'"
              .formatted(landing));
    }
    if (scanEvery.toMillis() < 1) {
      throw new IllegalArgumentException("millrace.ingest.scan-every must be at least 1ms");
    }
  }

  /** Bytes of one event: what a request may carry, and what a raw record can. */
  long maxEventBytes() {
    return Math.min(maxBody.toBytes(), Topics.MAX_PAYLOAD_BYTES);
  }
}
