package dev.millrace.batch;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.schemas.ActiveFeatureSets;
import dev.millrace.schemas.ActiveFeatureSets.ActiveFeatureSet;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.PayloadSchemas;
import dev.millrace.schemas.PiiKeys;
import dev.millrace.schemas.stage.ActiveContracts;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.schemas.stage.CleansingMessages;
import dev.millrace.schemas.stage.CleansingStage;
import dev.millrace.schemas.stage.FeaturesStage;
import dev.millrace.schemas.stage.Guard;
import dev.millrace.schemas.stage.KnownActivations;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What decided, and where it is kept: sent to each task, which opens it once for its process.
 *
 * @param artifacts the artifact store
 * @param piiKeys folder with a file per key
 * @param log every activation, by its offset
 * @param lastKnown offset of the last record of the log that was landed, whatever it holds
 * @param insteadOfActive the one feature set that all events are folded by; null for those that
 *     were in force for each
 */
record Deciding(
    String artifacts,
    String piiKeys,
    List<Logged> log,
    long lastKnown,
    @Nullable FeatureSetChoice insteadOfActive)
    implements Serializable {

  Deciding {
    log = List.copyOf(log);
  }

  /** A record of the activation log. */
  record Logged(
      long offset,
      String kind,
      String name,
      int version,
      String sha256,
      String role,
      boolean withdrawn)
      implements Serializable {

    Activation activation() {
      return new Activation(kind, name, version, sha256, role, withdrawn);
    }
  }

  /** A version of a feature set. */
  record FeatureSetChoice(String name, int version, String sha256) implements Serializable {}

  private static final Logger LOG = LoggerFactory.getLogger(Deciding.class);

  /** Each user brings the whole of history along. */
  private static final int COMBINATIONS_KEPT = 200;

  private static final Map<Deciding, Opened> OPENED = new ConcurrentHashMap<>();

  /** For all tasks of this process. */
  Opened open() {
    return OPENED.computeIfAbsent(this, Opened::new);
  }

  /** The log as it decides: a record that makes a version another artifact changes nothing. */
  ActivationTimeline timeline() {
    ActivationTimeline timeline = new ActivationTimeline();
    for (Logged logged : log) {
      try {
        timeline.add(logged.offset(), logged.activation());
      } catch (IllegalArgumentException e) {
        LOG.warn("{}; it activates nothing, as it did not live", e.getMessage());
      }
    }
    return timeline;
  }

  /** What was activated, read and compiled when it is needed. Safe for several threads. */
  static final class Opened implements KnownActivations {
    private final Deciding deciding;
    private final ActivationTimeline timeline;
    private final ActiveFeatureSets sets;
    private final ActiveContracts contracts;
    private final ActiveSources sources;
    private final PayloadSchemas payloadSchemas;
    private final CleansingMessages messages = CleansingMessages.unregistered();
    private final Guard guard = new Guard(UnknownActivationException.class);

    private Opened(Deciding deciding) {
      ArtifactStore store = new ArtifactStore(Path.of(deciding.artifacts()));
      PiiKeys keys = new PiiKeys(Path.of(deciding.piiKeys()));
      this.deciding = deciding;
      this.timeline = deciding.timeline();
      this.sets = new ActiveFeatureSets(store);
      this.contracts =
          new ActiveContracts(
              this, new Contracts(store, key -> keys.find(key)::token, COMBINATIONS_KEPT));
      this.sources = new ActiveSources(this, store);
      this.payloadSchemas = new PayloadSchemas(store);
    }

    CleansingMessages messages() {
      return messages;
    }

    CleansingStage cleansing() {
      return new CleansingStage(contracts, sources, payloadSchemas, messages, guard);
    }

    FeaturesStage features() {
      return new FeaturesStage(messages.quarantined(), guard);
    }

    /** The sets by which an event is folded. */
    List<ActiveFeatureSet> sets(long activationOffset) {
      FeatureSetChoice choice = deciding.insteadOfActive();
      return choice == null
          ? sets.active(knownAt(activationOffset), activationOffset)
          : List.of(
              new ActiveFeatureSet(
                  0,
                  new Activation(
                      Activation.FEATURE_SET, choice.name(), choice.version(), choice.sha256())));
    }

    /** The fold whose states have the number. */
    FeatureFold fold(long number) {
      FeatureSetChoice choice = deciding.insteadOfActive();
      return choice == null ? sets.fold(timeline, number) : sets.fold(choice.sha256());
    }

    @Override
    public long lastKnown() {
      return deciding.lastKnown();
    }

    /**
     * @throws UnknownActivationException if an event was decided by an activation that the lake
     *     does not have
     */
    @Override
    public ActivationTimeline knownAt(long offset) {
      if (offset > lastKnown()) {
        throw new UnknownActivationException(offset, lastKnown());
      }
      return timeline;
    }
  }
}
