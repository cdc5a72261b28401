package dev.millrace.features;

import dev.millrace.streams.ServiceRules;
import org.junit.jupiter.api.Test;

class FeaturesRulesTest {

  @Test
  void isBuiltLikeEveryService() {
    ServiceRules.check(FeaturesApplication.class);
  }
}
