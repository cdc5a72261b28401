package dev.millrace.features;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.state.HostInfo;

/** The other instances of this service, to be asked and not to ask on. */
interface OtherInstances {

  /**
   * Asks once.
   *
   * @param asOf the moment that windows end at
   * @return an answer for each user, in their order; never fails, for an instance that can't be
   *     reached is unavailable
   */
  CompletableFuture<List<Answer>> ask(
      HostInfo instance, Holder holder, ServedSet set, List<String> userIds, Instant asOf);
}
