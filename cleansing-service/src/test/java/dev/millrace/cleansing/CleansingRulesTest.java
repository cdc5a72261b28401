package dev.millrace.cleansing;

import dev.millrace.streams.ServiceRules;
import org.junit.jupiter.api.Test;

class CleansingRulesTest {

  @Test
  void isBuiltLikeEveryService() {
    ServiceRules.check(CleansingApplication.class);
  }
}
