package dev.millrace.benchmarks.sidebyside;

import dev.millrace.core.Arrival;
import dev.millrace.core.CanonicalHash;
import dev.millrace.core.CleanEvent;
import dev.millrace.core.Origin;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.core.cleansing.Cleansing.Outcome;
import dev.millrace.core.cleansing.Cleansing.Outcome.Accepted;
import dev.millrace.core.cleansing.Lookups;
import dev.millrace.core.cleansing.PiiKey;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.schema.CleanEventMessage;
import dev.millrace.schemas.ContentType;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.EventReader;
import dev.millrace.schemas.Messages;
import dev.millrace.schemas.SourceMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes of lines what cleansing makes of them, by the shipped mapping and contract. */
final class CleanEvents {

  private static final Instant RECEIVED = Instant.parse("2026-11-01T00:00:00Z");
  private static final int KEY_BYTES = 32;

  private final EventReader reader = new EventReader();
  private final SourceMapping mapping;
  private final Cleansing cleansing;
  private final Map<String, UserLedger> ledgers = new HashMap<>();
  private final long activationOffset;
  private long offset;

  /** As without a reference set and a geo database. */
  private record TokensOnly(PiiKey key) implements Lookups {
    @Override
    public @Nullable Boolean contains(String referenceSet, String value) {
      return null;
    }

    @Override
    public Place locate(String ip) {
      return Place.UNKNOWN;
    }

    @Override
    public String token(String value) {
      return key.token(value);
    }
  }

  /**
   * @param activationOffset that the events carry
   */
  CleanEvents(Path root, long activationOffset) {
    this.activationOffset = activationOffset;
    Path schemas = root.resolve("schemas");
    this.mapping = SourceMapping.compile("default.yaml", text(schemas, "sources/default.yaml"));
    this.cleansing =
        new Cleansing(
            ContractDeclaration.compile(
                    "user-activity.yaml", text(schemas, "contracts/user-activity.yaml"))
                .contract(),
            new TokensOnly(new PiiKey("local", new byte[KEY_BYTES])));
  }

  private static String text(Path schemas, String file) {
    try {
      return Files.readString(schemas.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + schemas.resolve(file), e);
    }
  }

  CleanEvent event(Slices.Line line) {
    Arrival arrival =
        new Arrival(
            new Origin("events.raw", 0, offset++),
            line.user(),
            mapping.name(),
            RECEIVED,
            activationOffset,
            CanonicalHash.start().add(line.json()).digest128(),
            reader.read(line.json(), ContentType.JSON, mapping));
    UserLedger ledger = ledgers.computeIfAbsent(line.user(), user -> new UserLedger());
    Outcome outcome = cleansing.clean(ledger, arrival);
    if (!(outcome instanceof Accepted accepted)) {
      throw new IllegalStateException("A generated event is not clean but " + outcome);
    }
    ledger.apply(accepted.change());
    return accepted.event();
  }

  CleanEventMessage message(Slices.Line line) {
    return Messages.clean(
        event(line), mapping.sha256(), cleansing.contract().sha256(), cleansing.lookups());
  }
}
