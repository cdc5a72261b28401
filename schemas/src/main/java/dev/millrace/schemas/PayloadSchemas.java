package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The schemas that wrote Avro payloads, kept as artifacts. What a registry knows changes, so it is
 * asked once, when a payload comes in, and its answer is stamped on the event; whoever reads the
 * event follows the stamp and asks no registry.
 */
public final class PayloadSchemas {

  private final ArtifactStore store;
  private final Map<Integer, String> stamps = new ConcurrentHashMap<>();
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  public PayloadSchemas(ArtifactStore store) {
    this.store = store;
  }

  /**
   * The stamp of a payload that comes in now: the SHA-256 under which its schema is kept. Null if
   * it is not Avro, or the registry has no Avro schema of its id.
   *
   * @param registry always the same; an id is its own
   * @throws SchemaRegistry.RegistryException if the registry is away
   * @throws ArtifactStore.ArtifactException if the schema can't be kept
   */
  public @Nullable String stamp(byte[] payload, String contentType, SchemaRegistry registry) {
    OptionalInt framed = Framed.schemaId(payload);
    if (framed.isEmpty() || !contentType.equals(ContentType.AVRO)) {
      return null;
    }
    int id = framed.getAsInt();
    @Nullable String known = stamps.get(id);
    if (known != null) {
      return known;
    }
    @Nullable Schema schema = registry.find(id).orElse(null);
    if (schema == null) {
      return null; // Not remembered: it may be registered before the next payload comes.
    }
    String stamp = store.put(schema.toString().getBytes(UTF_8));
    stamps.put(id, stamp);
    return stamp;
  }

  /**
   * The schema of a stamp; null if there is no stamp.
   *
   * @throws ArtifactStore.ArtifactException if the store does not have it
   */
  public @Nullable Schema find(@Nullable String stamp) {
    return stamp == null
        ? null
        : schemas.computeIfAbsent(
            stamp, sha256 -> new Schema.Parser().parse(new String(store.get(sha256), UTF_8)));
  }
}
