package dev.millrace.scoring;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Everything an operator may set, under {@code millrace.scoring}. None of it changes an outcome.
 *
 * @param redisUri where the latest scores are kept for lookups, {@code redis[s]://…}
 * @param redisTimeout how long one answer of Redis may take before a lookup is answered with 503
 */
@ConfigurationProperties(prefix = "millrace.scoring", ignoreUnknownFields = false)
record ScoringProperties(
    @DefaultValue("redis://localhost:6379") URI redisUri,
    @DefaultValue("500ms") Duration redisTimeout) {

  ScoringProperties {
    if (redisTimeout.isNegative() || redisTimeout.isZero()) {
      throw new IllegalArgumentException(
          "millrace.scoring.redis-timeout must be longer than nothing");
    }
    String scheme = String.valueOf(redisUri.getScheme());
    if (!scheme.equals("redis") && !scheme.equals("rediss")) {
      // The URI is not repeated: it may hold a password.
      throw new IllegalArgumentException(
          "millrace.scoring.redis-uri must begin with redis:// or rediss://");
    }
  }
}
