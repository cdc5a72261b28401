package dev.millrace.schemas;

import dev.millrace.core.Activation;
import dev.millrace.core.ActivationTimeline;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.cleansing.Lookups;
import dev.millrace.core.cleansing.PiiKeyName;
import dev.millrace.schemas.GeoDatabase.InvalidGeoDatabaseException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which contract decides an event, and what it looks up: the artifacts that were active at the
 * offset which the event carries. Safe for several threads.
 */
public final class Contracts {

  /** The contract of events.clean. */
  public static final String NAME = "user-activity";

  /** The geo database, whatever its file was called. */
  public static final String GEO_NAME = "ip";

  private static final int OFFSETS_KEPT = 1_000;

  /** What decides: every artifact by its hash. */
  private record InForce(String contract, SortedMap<String, String> references, String geo) {}

  private final ArtifactStore store;
  private final Function<PiiKeyName, UnaryOperator<String>> tokens;
  private final Map<Long, Optional<Cleansing>> byOffset = new ConcurrentHashMap<>();
  private final Map<InForce, Cleansing> byArtifacts = new ConcurrentHashMap<>();
  private final Map<String, ReferenceSet> references = new ConcurrentHashMap<>();
  private final Map<String, Optional<GeoDatabase>> geo = new ConcurrentHashMap<>();

  /**
   * @param tokens what turns values into tokens under the key of that name; asked once per contract
   */
  public Contracts(ArtifactStore store, Function<PiiKeyName, UnaryOperator<String>> tokens) {
    this.store = store;
    this.tokens = tokens;
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

  private Cleansing cleansing(Activation contract, ActivationTimeline timeline, long offset) {
    SortedMap<String, String> active = new TreeMap<>();
    for (Activation reference : timeline.active(Activation.REFERENCE, offset)) {
      active.put(reference.name(), reference.sha256());
    }
    String geoSha256 =
        timeline.active(Activation.GEO, GEO_NAME, offset).map(Activation::sha256).orElse("");
    return byArtifacts.computeIfAbsent(
        new InForce(contract.sha256(), active, geoSha256), this::cleansing);
  }

  private Cleansing cleansing(InForce inForce) {
    Contract contract = ContractDeclaration.of(store.get(inForce.contract())).contract();
    return new Cleansing(contract, lookups(contract, inForce));
  }

  private Lookups lookups(Contract contract, InForce inForce) {
    Map<String, ReferenceSet> sets = new TreeMap<>();
    inForce.references().forEach((name, sha256) -> sets.put(name, reference(sha256)));
    @Nullable PiiKeyName key = contract.piiKey();
    return new ActiveLookups(
        sets,
        inForce.geo().isEmpty() ? null : database(inForce.geo()).orElse(null),
        key == null ? null : tokens.apply(key));
  }

  private ReferenceSet reference(String sha256) {
    return references.computeIfAbsent(sha256, s -> ReferenceSet.of(s, store.get(s)));
  }

  /** Empty if the bytes are no sound database, which every machine finds alike. */
  private Optional<GeoDatabase> database(String sha256) {
    return geo.computeIfAbsent(
        sha256,
        s -> {
          try {
            return Optional.of(GeoDatabase.open(store.get(s)));
          } catch (InvalidGeoDatabaseException e) {
            return Optional.empty();
          }
        });
  }

  private record ActiveLookups(
      Map<String, ReferenceSet> references,
      @Nullable GeoDatabase geo,
      @Nullable UnaryOperator<String> key)
      implements Lookups {

    @Override
    public @Nullable Boolean contains(String referenceSet, String value) {
      ReferenceSet set = references.get(referenceSet);
      return set == null ? null : (Boolean) set.contains(value);
    }

    @Override
    public @Nullable Place locate(String ip) {
      try {
        return geo == null ? null : geo.locate(ip);
      } catch (InvalidGeoDatabaseException e) {
        return null; // damaged at that record: no better than having none
      }
    }

    @Override
    public String token(String value) {
      return Objects.requireNonNull(key, "the compiler demands a key of contracts with tokens")
          .apply(value);
    }
  }
}
