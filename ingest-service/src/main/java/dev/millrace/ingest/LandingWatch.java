package dev.millrace.ingest;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Tells files that are complete from those that somebody still writes. */
final class LandingWatch {

  private final Landing landing;
  private Set<Waiting> lastSeen = Set.of();

  LandingWatch(Landing landing) {
    this.landing = landing;
  }

  /** All files that have not changed since the last time this was asked, by source and name. */
  List<Waiting> complete() throws IOException {
    List<Waiting> seen = landing.waiting();
    List<Waiting> complete =
        seen.stream().filter(file -> file.uploaded() || lastSeen.contains(file)).toList();
    lastSeen = new HashSet<>(seen);
    return complete;
  }
}
