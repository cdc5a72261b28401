package dev.millrace.ingest;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.BlockBlobItem;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import com.azure.storage.blob.options.BlobParallelUploadOptions;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import dev.millrace.core.CanonicalHash;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A landing folder in a storage account.
 *
 * <pre>
 * SOURCE/…   files of that source, uploaded or put there by others
 * .id        names this folder for ever
 * </pre>
 *
 * A file stays where it is. That it was taken, or can't be, is written into its metadata, which is
 * one step, takes no copy, and is refused if the file has changed meanwhile. Only operations are
 * used that accounts with and without a hierarchical namespace have.
 */
final class AzureLanding implements Landing {

  /** {@code done} or {@code failed}; such a file is looked at no more. */
  static final String STATE = "millrace_state";

  /** What the state is of: a copy has it too, and so has a file that something is appended to. */
  static final String OF = "millrace_of";

  /** Of what we uploaded. */
  private static final String SHA_256 = "millrace_sha256";

  /** Marks the stub of a folder in an account with a hierarchical namespace. */
  private static final String IS_FOLDER = "hdi_isfolder";

  private static final String ID = ".id";
  private static final Pattern UPLOADED = Pattern.compile("[^/]+/[0-9a-f-]{36}-([^/]+)");
  private static final int READ_AT_ONCE = 4 * 1_048_576;

  /** An upload holds so much; 50 000 of them are the most that a blob has. */
  private static final int BLOCK = 1_048_576;

  private static final int MAX_BLOCKS = 50_000;

  /** What tells a blob from what it was, and what a change of its metadata must keep. */
  private record Version(String etag, Map<String, String> metadata) {}

  private final AzureFolder folder;
  private final BlobContainerClient container;
  private volatile @Nullable String id;

  AzureLanding(AzureFolder folder, BlobContainerClient container) {
    this.folder = folder;
    this.container = container;
  }

  @Override
  public String id() throws IOException {
    @Nullable String known = id;
    if (known == null) {
      known = call(this::readOrMakeId);
      id = known;
    }
    return known;
  }

  /** Of several who make one at once, the first has made it for all. */
  private String readOrMakeId() {
    BlobClient blob = blob(ID);
    try {
      return blob.downloadContent().toString();
    } catch (BlobStorageException e) {
      if (!BlobErrorCode.BLOB_NOT_FOUND.equals(e.getErrorCode())) {
        throw e;
      }
    }
    String made = UUID.randomUUID().toString();
    try {
      blob.uploadWithResponse(
          new BlobParallelUploadOptions(BinaryData.fromString(made))
              .setRequestConditions(ifNotThere()),
          null,
          Context.NONE);
      return made;
    } catch (BlobStorageException e) {
      if (!isPreconditionFailed(e)) {
        throw e;
      }
      return blob.downloadContent().toString();
    }
  }

  @Override
  public List<Waiting> waiting() throws IOException {
    return call(
        () -> {
          List<Waiting> waiting = new ArrayList<>();
          for (BlobItem top : container.listBlobsByHierarchy("/", options(folder.path()), null)) {
            if (Boolean.TRUE.equals(top.isPrefix())) {
              if (!isHidden(path(top))) {
                container
                    .listBlobs(options(top.getName()), null)
                    .forEach(item -> addIfWaiting(item, waiting));
              }
            } else {
              addIfWaiting(top, waiting);
            }
          }
          waiting.sort(Comparator.comparing(Waiting::path));
          return waiting;
        });
  }

  private void addIfWaiting(BlobItem item, List<Waiting> waiting) {
    Map<String, String> metadata = item.getMetadata() == null ? Map.of() : item.getMetadata();
    String path = path(item);
    long bytes = item.getProperties().getContentLength();
    boolean settled = metadata.containsKey(STATE) && of(path, bytes).equals(metadata.get(OF));
    if (settled || metadata.containsKey(IS_FOLDER) || isHidden(path)) {
      return;
    }
    Version version = new Version(item.getProperties().getETag(), metadata);
    Matcher uploaded = UPLOADED.matcher(path);
    waiting.add(
        metadata.containsKey(SHA_256) && uploaded.matches()
            ? Waiting.uploaded(path, uploaded.group(1), bytes, version)
            : Waiting.put(path, bytes, version));
  }

  private static String of(String path, long bytes) {
    return CanonicalHash.start().add(path).add(bytes).digest128().hex();
  }

  private ListBlobsOptions options(String prefix) {
    return new ListBlobsOptions()
        .setPrefix(prefix)
        .setDetails(new BlobListDetails().setRetrieveMetadata(true));
  }

  private String path(BlobItem item) {
    return item.getName().substring(folder.path().length());
  }

  private static boolean isHidden(String path) {
    return Arrays.stream(path.split("/", -1)).anyMatch(Waiting::isHidden);
  }

  /** A stream that fails if the blob is changed while it is read. */
  @Override
  public InputStream open(Waiting file, long position) throws IOException {
    if (position >= file.bytes()) {
      return InputStream.nullInputStream();
    }
    BlobInputStreamOptions options =
        new BlobInputStreamOptions()
            .setRange(new BlobRange(position))
            .setBlockSize(READ_AT_ONCE)
            .setRequestConditions(ifUnchanged(file));
    InputStream in = call(() -> blob(file.path()).openInputStream(options));
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        return call(super::read);
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        return call(() -> super.read(buffer, offset, length));
      }
    };
  }

  @Override
  public boolean done(Waiting file) throws IOException {
    return mark(file, FileState.DONE);
  }

  @Override
  public boolean failed(Waiting file) throws IOException {
    return mark(file, FileState.FAILED);
  }

  private boolean mark(Waiting file, FileState state) throws IOException {
    Map<String, String> metadata = new HashMap<>(((Version) file.version()).metadata());
    metadata.put(STATE, state.word());
    metadata.put(OF, of(file.path(), file.bytes()));
    return call(
        () -> {
          try {
            blob(file.path())
                .setMetadataWithResponse(metadata, ifUnchanged(file), null, Context.NONE);
            return true;
          } catch (BlobStorageException e) {
            if (isPreconditionFailed(e) || BlobErrorCode.BLOB_NOT_FOUND.equals(e.getErrorCode())) {
              return false;
            }
            throw e;
          }
        });
  }

  /** Writes blocks, which are no blob until they are accepted; Azure clears them after a week. */
  @Override
  public Upload receive(String source, String name, InputStream body, long maxBytes)
      throws IOException {
    String path = source + "/" + UUID.randomUUID() + "-" + name;
    BlockBlobClient blob = blob(path).getBlockBlobClient();
    UploadBody read = new UploadBody(body, Math.min(maxBytes, (long) BLOCK * MAX_BLOCKS));
    List<String> blocks = new ArrayList<>();
    for (byte[] block = read.readNBytes(BLOCK); block.length > 0; block = read.readNBytes(BLOCK)) {
      byte[] content = block;
      String number = "%05d".formatted(blocks.size());
      String blockId =
          Base64.getEncoder().encodeToString(number.getBytes(StandardCharsets.US_ASCII));
      stored(
          () -> {
            blob.stageBlock(blockId, BinaryData.fromBytes(content));
            return blockId;
          });
      blocks.add(blockId);
    }
    return new Blocks(this, path, name, blocks, read.sha256(), read.bytes(), read.isGzip());
  }

  private record Blocks(
      AzureLanding landing,
      String path,
      String name,
      List<String> ids,
      String sha256,
      long bytes,
      boolean isGzip)
      implements Upload {

    @Override
    public Waiting accept() throws IOException {
      return landing.accept(this);
    }

    @Override
    public void discard() {
      // They are no blob.
    }
  }

  private Waiting accept(Blocks blocks) throws IOException {
    Map<String, String> metadata = Map.of(SHA_256, blocks.sha256);
    BlockBlobItem blob =
        stored(
            () ->
                blob(blocks.path)
                    .getBlockBlobClient()
                    .commitBlockListWithResponse(
                        new BlockBlobCommitBlockListOptions(blocks.ids).setMetadata(metadata),
                        null,
                        Context.NONE)
                    .getValue());
    return Waiting.uploaded(
        blocks.path, blocks.name, blocks.bytes, new Version(blob.getETag(), metadata));
  }

  @Override
  public List<Waiting> uploaded(String sha256) throws IOException {
    return waiting().stream()
        .filter(file -> sha256.equals(((Version) file.version()).metadata().get(SHA_256)))
        .toList();
  }

  @Override
  public boolean hasRoomFor(long bytes) {
    return true;
  }

  @Override
  public void clear(Instant now) {
    // Azure does it.
  }

  private BlobClient blob(String path) {
    return container.getBlobClient(folder.path() + path);
  }

  private static BlobRequestConditions ifNotThere() {
    return new BlobRequestConditions().setIfNoneMatch("*");
  }

  private static BlobRequestConditions ifUnchanged(Waiting file) {
    return new BlobRequestConditions().setIfMatch(((Version) file.version()).etag());
  }

  private static boolean isPreconditionFailed(BlobStorageException e) {
    // A blob that somebody leased answers 412 as well, and is no other one.
    return BlobErrorCode.CONDITION_NOT_MET.equals(e.getErrorCode())
        || BlobErrorCode.BLOB_ALREADY_EXISTS.equals(e.getErrorCode());
  }

  private interface Request<T> {
    T send() throws IOException;
  }

  /** Azure's client throws unchecked what the surroundings do. */
  private <T> T call(Request<T> request) throws IOException {
    try {
      return request.send();
    } catch (IOException | RuntimeException e) {
      throw new IOException("%s can't be used now: %s".formatted(folder, told(e)), e);
    }
  }

  private <T> T stored(Request<T> request) throws FullException {
    try {
      return call(request);
    } catch (IOException e) {
      throw new FullException(e);
    }
  }

  /** Of an answer that refuses the code, which says enough. */
  private static String told(Throwable e) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BlobStorageException refusal) {
        return refusal.getStatusCode() + " " + refusal.getErrorCode();
      }
    }
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
