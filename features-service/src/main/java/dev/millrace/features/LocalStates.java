package dev.millrace.features;

import java.time.Instant;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** What this instance knows of where users are, and what it holds itself. */
interface LocalStates {

  /** Under which address other instances know this one. */
  HostInfo self();

  /** Where the user is by the last rebalance; null while nothing is known. */
  @Nullable KeyQueryMetadata whereIs(String userId);

  /** Of a partition that this instance processes; unavailable if it does not, or not yet. */
  Answer owned(ServedSet set, int partition, String userId, Instant asOf);

  /** Of a partition that this instance has a standby of: stale or unavailable, never unknown. */
  Answer standby(ServedSet set, int partition, String userId, Instant asOf);
}
