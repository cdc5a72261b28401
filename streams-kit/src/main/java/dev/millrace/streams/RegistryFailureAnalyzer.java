package dev.millrace.streams;

import dev.millrace.schemas.SchemaRegistry.RegistryException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Turns a registry that is away, or refuses our schemas, into one message. */
final class RegistryFailureAnalyzer extends AbstractFailureAnalyzer<RegistryException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, RegistryException cause) {
    return new FailureAnalysis(
        cause.getMessage(),
        "Check millrace.registry-url, and that the registry takes our schemas.",
        cause);
  }
}
