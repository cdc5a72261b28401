package dev.millrace.schemas;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.cleansing.Flag;
import dev.millrace.core.cleansing.Lookups;
import dev.millrace.core.cleansing.PiiKeyName;
import dev.millrace.schemas.GeoDatabase.InvalidGeoDatabaseException;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which contract decides an event, and what it looks up: the artifacts that were active at the
 * offset which the event carries. Safe for several threads.
 */
public final class Contracts {

  /** The contract of events.clean. */
  public static final String NAME = "user-activity";

  /** The geo database, whatever its file was called. */
  public static final String GEO_NAME = "ip";

  private static final String GEO_LOOKUP = Activation.GEO + "/" + GEO_NAME;
  private static final String REFERENCE_PREFIX = Activation.REFERENCE + "/";

  private static final int OFFSETS_KEPT = 1_000;

  /** A geo database may have 100 MB, and most events carry one of the last two or three. */
  private static final int CLEANSINGS_KEPT = 3;

  private static final Logger LOG = LoggerFactory.getLogger(Contracts.class);

  /**
   * What decides.
   *
   * @param contract its hash
   * @param lookups hashes by kind and name of what it looks up and was active
   */
  private record InForce(String contract, SortedMap<String, String> lookups) {}

  private final ArtifactStore store;
  private final Function<PiiKeyName, UnaryOperator<String>> tokens;
  private final int kept;
  private final Map<Long, Optional<Cleansing>> byOffset = new ConcurrentHashMap<>();
  private final Map<InForce, Cleansing> byArtifacts = new ConcurrentHashMap<>();
  private final Map<String, Contract> contracts = new ConcurrentHashMap<>();
  private final Map<String, Optional<ReferenceSet>> references = new ConcurrentHashMap<>();
  private final Map<String, Optional<GeoDatabase>> databases = new ConcurrentHashMap<>();

  /**
   * @param tokens what turns values into tokens under the key of that name; asked once per contract
   */
  public Contracts(ArtifactStore store, Function<PiiKeyName, UnaryOperator<String>> tokens) {
    this(store, tokens, CLEANSINGS_KEPT);
  }

  /**
   * @param kept how many combinations of a contract and what it looks up are held; one more, and
   *     all are read again
   */
  public Contracts(
      ArtifactStore store, Function<PiiKeyName, UnaryOperator<String>> tokens, int kept) {
    this.store = store;
    this.tokens = tokens;
    this.kept = kept;
  }

  /**
   * The fold under the contract in force; null if none was active.
   *
   * @param timeline known at least up to the offset
   * @throws ArtifactStore.ArtifactException if the store does not have what was activated
   * @throws PiiKeys.PiiKeyException if the contract's key is not there
   * @throws DeclarationException if the artifact is no contract
   */
  public @Nullable Cleansing find(ActivationTimeline timeline, long offset) {
    Optional<Cleansing> known = byOffset.get(offset);
    if (known == null) {
      known =
          timeline
              .active(Activation.CONTRACT, NAME, offset)
              .map(contract -> cleansing(contract, timeline, offset));
      if (byOffset.size() >= OFFSETS_KEPT) {
        byOffset.clear();
      }
      byOffset.put(offset, known);
    }
    return known.orElse(null);
  }

  private Cleansing cleansing(Activation activated, ActivationTimeline timeline, long offset) {
    Contract contract =
        contracts.computeIfAbsent(
            activated.sha256(), sha256 -> ContractDeclaration.of(store.get(sha256)).contract());
    SortedMap<String, String> lookups = new TreeMap<>();
    for (String set : contract.referenceSets()) {
      timeline
          .active(Activation.REFERENCE, set, offset)
          .ifPresent(reference -> lookups.put(REFERENCE_PREFIX + set, reference.sha256()));
    }
    if (contract.geo()) {
      timeline
          .active(Activation.GEO, GEO_NAME, offset)
          .ifPresent(database -> lookups.put(GEO_LOOKUP, database.sha256()));
    }
    InForce inForce = new InForce(activated.sha256(), lookups);
    if (byArtifacts.size() >= kept && !byArtifacts.containsKey(inForce)) {
      forget();
    }
    return byArtifacts.computeIfAbsent(
        inForce, i -> new Cleansing(contract, lookups(contract, lookups)));
  }

  /** What is still needed is read again, and decides as before. */
  private void forget() {
    byOffset.clear();
    byArtifacts.clear();
    contracts.clear();
    references.clear();
    databases.clear();
  }

  private Lookups lookups(Contract contract, SortedMap<String, String> active) {
    SortedMap<String, ReferenceSet> sets = new TreeMap<>();
    for (String set : contract.referenceSets()) {
      @Nullable String sha256 = active.get(REFERENCE_PREFIX + set);
      if (sha256 != null) {
        reference(sha256).ifPresent(values -> sets.put(set, values));
      }
    }
    @Nullable String geo = active.get(GEO_LOOKUP);
    @Nullable PiiKeyName key = contract.piiKey();
    return new ActiveLookups(
        active,
        sets,
        geo == null ? null : database(geo).orElse(null),
        key == null ? null : tokens.apply(key));
  }

  /** Empty if the bytes are no reference set; the activation command writes none such. */
  private Optional<ReferenceSet> reference(String sha256) {
    return references.computeIfAbsent(
        sha256,
        s -> {
          try {
            return Optional.of(ReferenceSet.of(s, store.get(s)));
          } catch (DeclarationException e) {
            LOG.warn(
                "An active reference set can't be read: {}. Until another is active, each event that refers to it is flagged {}",
                e.getMessage(),
                Flag.REFERENCE_UNAVAILABLE);
            return Optional.empty();
          }
        });
  }

  /** Empty if the bytes are no sound database, which every machine finds alike. */
  private Optional<GeoDatabase> database(String sha256) {
    return databases.computeIfAbsent(
        sha256,
        s -> {
          try {
            return Optional.of(GeoDatabase.open(store.get(s)));
          } catch (InvalidGeoDatabaseException e) {
            LOG.warn(
                "The active geo database {} {}. Until a sound one is active, no event gets country, region and city, and each that should is flagged {}",
                s,
                e.getMessage(),
                Flag.GEO_UNAVAILABLE);
            return Optional.empty();
          }
        });
  }

  /**
   * @param sha256s by kind and name, of all that follows
   */
  private record ActiveLookups(
      SortedMap<String, String> sha256s,
      Map<String, ReferenceSet> references,
      @Nullable GeoDatabase geo,
      @Nullable UnaryOperator<String> key)
      implements Lookups {

    ActiveLookups {
      sha256s = Collections.unmodifiableSortedMap(sha256s);
    }

    @Override
    public @Nullable Boolean contains(String referenceSet, String value) {
      ReferenceSet set = references.get(referenceSet);
      return set == null ? null : (Boolean) set.contains(value);
    }

    @Override
    public @Nullable Place locate(String ip) {
      return geo == null ? null : geo.locate(ip);
    }

    @Override
    public String token(String value) {
      return Objects.requireNonNull(key, "the compiler demands a key of contracts with tokens")
          .apply(value);
    }
  }
}
