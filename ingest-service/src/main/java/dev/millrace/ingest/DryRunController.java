package dev.millrace.ingest;

import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.ContentType;
import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tells what would become of an event. A bad event is an answer and no error. */
@RestController
final class DryRunController {

  private final KnownSources sources;
  private final DryRun dryRun;
  private final IngestProperties limits;
  private final Clock clock = Clock.systemUTC();

  DryRunController(KnownSources sources, DryRun dryRun, IngestProperties limits) {
    this.sources = sources;
    this.dryRun = dryRun;
    this.limits = limits;
  }

  @PostMapping(
      path = "/v1/events:validate",
      consumes = ContentType.JSON,
      produces = ContentType.JSON)
  DryRun.Verdict validate(
      @RequestParam(name = "source", defaultValue = KnownSources.DEFAULT) String source,
      HttpServletRequest request)
      throws IOException {
    sources.require(source);
    byte[] payload = RequestBytes.event(request, limits);
    try {
      return dryRun
          .of(source, payload, clock.instant())
          .orElseThrow(() -> Problem.unavailable("No contract is active; activate one."));
    } catch (ArtifactException | ActivationsUnavailableException e) {
      throw Problem.unavailable("What is active can't be read now; send the request again later.");
    }
  }
}
