package dev.millrace.ingest;

import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.DeclarationException;
import dev.millrace.schemas.stage.ActiveSources;
import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import org.springframework.http.HttpStatus;

/** Whether a source can be named in a request. */
final class KnownSources {

  static final String DEFAULT = "default";

  private final ActiveSources sources;

  KnownSources(ActiveSources sources) {
    this.sources = sources;
  }

  /**
   * @throws Problem 400 if no mapping of that source is active, 503 if it can't be known now
   */
  void require(String source) {
    try {
      if (sources.find(source, sources.lastKnown()) != null) {
        return;
      }
    } catch (DeclarationException e) {
      return; // Its events are taken, and quarantined with that fault.
    } catch (ArtifactException | ActivationsUnavailableException e) {
      throw Problem.unavailable("Send the request again later.");
    }
    throw new Problem(
        HttpStatus.BAD_REQUEST,
        "Unknown source",
        "No mapping of that source is active; activate one, or correct ?source=.");
  }
}
