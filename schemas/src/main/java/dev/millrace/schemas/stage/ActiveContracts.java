package dev.millrace.schemas.stage;

import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.schemas.Contracts;
import org.jspecify.annotations.Nullable;

/** The contract by the activation offset that an event carries. */
public final class ActiveContracts {

  private final KnownActivations activations;
  private final Contracts contracts;

  public ActiveContracts(KnownActivations activations, Contracts contracts) {
    this.activations = activations;
    this.contracts = contracts;
  }

  /**
   * The fold under the contract in force; null if none was.
   *
   * @throws dev.millrace.schemas.ArtifactStore.ArtifactException if the store does not have what
   *     was activated
   * @throws dev.millrace.schemas.PiiKeys.PiiKeyException if the contract's key is not there
   */
  public @Nullable Cleansing find(long activationOffset) {
    return contracts.find(activations.knownAt(activationOffset), activationOffset);
  }
}
