package dev.millrace.ingest;

import dev.millrace.ingest.Landing.Received;
import dev.millrace.ingest.Landing.Waiting;
import dev.millrace.schema.FileMessage;
import dev.millrace.schemas.ContentType;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Receives whole files. 202 means that the file lies in the landing folder and will be taken. */
@RestController
final class FilesController {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /** By content type, how a name may end; the first is used where no name is given. */
  private static final Map<String, List<String>> SUFFIXES =
      Map.of(
          ContentType.CSV, List.of(".csv"),
          ContentType.JSON, List.of(".json"),
          EventsController.NDJSON, List.of(".ndjson", ".jsonl"));

  /** Left to the rest of the machine. */
  private static final long SPARE_BYTES = 64 * 1_048_576;

  private final KnownSources sources;
  private final Landing landing;
  private final FileLog log;
  private final FileTaker taker;
  private final IngestProperties limits;

  FilesController(
      KnownSources sources,
      Landing landing,
      FileLog log,
      FileTaker taker,
      IngestProperties limits) {
    this.sources = sources;
    this.landing = landing;
    this.log = log;
    this.taker = taker;
    this.limits = limits;
  }

  @PostMapping(
      path = "/v1/files",
      consumes = {ContentType.CSV, ContentType.JSON, EventsController.NDJSON},
      produces = ContentType.JSON)
  ResponseEntity<FileStatus> upload(
      @RequestParam(name = "source", defaultValue = KnownSources.DEFAULT) String source,
      @RequestParam(name = "name", required = false) @Nullable String name,
      HttpServletRequest request)
      throws IOException {
    sources.require(source);
    String fileName = fileName(name, request);
    boolean gzip = RequestBytes.isGzip(request);
    Received received = receive(request);
    if (received.bytes() == 0 || (gzip && !OpenFile.isGzip(received.part()))) {
      landing.discard(received);
      throw received.bytes() == 0
          ? new Problem(HttpStatus.BAD_REQUEST, "Empty body", "Send a file.")
          : new Problem(
              HttpStatus.BAD_REQUEST,
              "Body can't be read",
              "It is no gzip, though Content-Encoding says so.");
    }
    Optional<FileStatus> known = taken(received.sha256());
    if (known.isPresent()) {
      landing.discard(received);
      return ResponseEntity.ok().location(place(received)).body(known.get());
    }
    Optional<Waiting> waiting = landing.uploaded(received.sha256());
    if (waiting.isPresent()) {
      landing.discard(received);
    } else {
      waiting = Optional.of(landing.accept(received, source, fileName));
      taker.wake();
    }
    return ResponseEntity.accepted()
        .location(place(received))
        .body(FileStatus.of(received.sha256(), waiting.get()));
  }

  @GetMapping(path = "/v1/files/{sha256}", produces = ContentType.JSON)
  FileStatus status(@PathVariable("sha256") String sha256) throws IOException {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw unknown();
    }
    Optional<FileStatus> known = taken(sha256);
    if (known.isEmpty()) {
      known = landing.uploaded(sha256).map(waiting -> FileStatus.of(sha256, waiting));
    }
    return known
        .or(() -> log.find(sha256).map(FileStatus::of))
        .orElseThrow(FilesController::unknown);
  }

  /** Empty if nothing of it was taken: one that failed may be sent again. */
  private Optional<FileStatus> taken(String sha256) {
    return log.find(sha256).filter(FilesController::isTaken).map(FileStatus::of);
  }

  private static boolean isTaken(FileMessage progress) {
    return !progress.getState().equals(FileState.FAILED.word());
  }

  private Received receive(HttpServletRequest request) throws IOException {
    long limit = limits.maxFile().toBytes();
    if (request.getContentLengthLong() > limit) {
      throw RequestBytes.tooLarge(limit);
    }
    if (Math.max(0, request.getContentLengthLong()) + SPARE_BYTES > landing.usableBytes()) {
      throw full();
    }
    try {
      return landing.receive(request.getInputStream(), limit);
    } catch (Landing.TooLargeException e) {
      throw RequestBytes.tooLarge(limit);
    } catch (Landing.FullException e) {
      throw full();
    }
  }

  private static String fileName(@Nullable String name, HttpServletRequest request) {
    List<String> suffixes =
        SUFFIXES.get(ContentType.withoutParameters(String.valueOf(request.getContentType())));
    if (suffixes == null) {
      throw new IllegalStateException("Spring lets no other content type through");
    }
    if (name == null) {
      return "upload" + suffixes.get(0);
    }
    String plain = FileFormat.withoutGzip(name);
    if (!NAME.matcher(name).matches() || suffixes.stream().noneMatch(plain::endsWith)) {
      throw new Problem(
          HttpStatus.BAD_REQUEST,
          "Bad name",
          "For this content type ?name= ends with %s, and .gz behind it if the file is compressed; it has at most 128 letters, digits, dots, dashes and underscores."
              .formatted(String.join(" or ", suffixes)));
    }
    return name;
  }

  private static URI place(Received received) {
    return URI.create("/v1/files/" + received.sha256());
  }

  private static Problem full() {
    return new Problem(
        HttpStatus.INSUFFICIENT_STORAGE,
        "No room",
        "The landing folder can't take the file now; nothing of it was taken.");
  }

  private static Problem unknown() {
    return new Problem(
        HttpStatus.NOT_FOUND,
        "Unknown file",
        "No file of that SHA-256 was uploaded here or has been begun.");
  }
}
