package dev.millrace.ingest;

import dev.millrace.ingest.Landing.Upload;
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
    Upload upload = receive(source, fileName, request);
    if (upload.bytes() == 0 || (gzip && !upload.isGzip())) {
      upload.discard();
      throw upload.bytes() == 0
          ? new Problem(HttpStatus.BAD_REQUEST, "Empty body", "Send a file.")
          : new Problem(
              HttpStatus.BAD_REQUEST,
              "Body can't be read",
              "It is no gzip, though Content-Encoding says so.");
    }
    URI place = URI.create("/v1/files/%s?source=%s".formatted(upload.sha256(), source));
    Optional<FileStatus> known = taken(upload.sha256(), source, fileName);
    if (known.isPresent()) {
      upload.discard();
      return ResponseEntity.ok().location(place).body(known.get());
    }
    Waiting waiting = accept(upload);
    taker.wake();
    return ResponseEntity.accepted().location(place).body(FileStatus.of(upload.sha256(), waiting));
  }

  /**
   * @param source under which it was handed in; null for the one that was begun last
   */
  @GetMapping(path = "/v1/files/{sha256}", produces = ContentType.JSON)
  FileStatus status(
      @PathVariable("sha256") String sha256,
      @RequestParam(name = "source", required = false) @Nullable String source) {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw unknown();
    }
    Optional<FileMessage> latest = log.latest(sha256, source);
    return latest
        .filter(FilesController::isTaken)
        .map(FileStatus::of)
        .or(() -> waiting(sha256, source))
        .or(() -> latest.map(FileStatus::of))
        .orElseThrow(FilesController::unknown);
  }

  private Optional<FileStatus> waiting(String sha256, @Nullable String source) {
    try {
      return landing.uploaded(sha256).stream()
          .filter(file -> source == null || source.equals(file.source()))
          .findFirst()
          .map(file -> FileStatus.of(sha256, file));
    } catch (IOException e) {
      throw Problem.unavailable("The landing folder can't be read now; ask again later.");
    }
  }

  /**
   * Empty if nothing of it was taken: one that failed may be sent again. Also if that can't be told
   * before the file is looked into; it is taken once all the same.
   */
  private Optional<FileStatus> taken(String sha256, String source, String name) {
    return log.find(new FileKey(sha256, source, FileFormat.of(name).word()))
        .filter(FilesController::isTaken)
        .map(FileStatus::of);
  }

  private static boolean isTaken(FileMessage progress) {
    return !progress.getState().equals(FileState.FAILED.word());
  }

  private Upload receive(String source, String name, HttpServletRequest request)
      throws IOException {
    long limit = limits.maxFile().toBytes();
    if (request.getContentLengthLong() > limit) {
      throw RequestBytes.tooLarge(limit);
    }
    if (!landing.hasRoomFor(Math.max(0, request.getContentLengthLong()))) {
      throw full();
    }
    try {
      return landing.receive(source, name, request.getInputStream(), limit);
    } catch (Landing.TooLargeException e) {
      throw RequestBytes.tooLarge(limit);
    } catch (Landing.FullException e) {
      throw full();
    }
  }

  private static Waiting accept(Upload upload) throws IOException {
    try {
      return upload.accept();
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
