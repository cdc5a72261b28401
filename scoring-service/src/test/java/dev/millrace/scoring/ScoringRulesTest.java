package dev.millrace.scoring;

import dev.millrace.streams.ServiceRules;
import org.junit.jupiter.api.Test;

class ScoringRulesTest {

  @Test
  void isBuiltLikeEveryService() {
    ServiceRules.check(ScoringApplication.class);
  }
}
