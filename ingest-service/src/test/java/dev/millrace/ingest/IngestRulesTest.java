package dev.millrace.ingest;

import dev.millrace.streams.ServiceRules;
import org.junit.jupiter.api.Test;

class IngestRulesTest {

  @Test
  void isBuiltLikeEveryService() {
    ServiceRules.check(IngestApplication.class);
  }
}
