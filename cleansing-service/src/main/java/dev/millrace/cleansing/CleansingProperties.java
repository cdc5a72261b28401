package dev.millrace.cleansing;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Everything an operator may set, under {@code millrace.cleansing}. None of it changes an outcome.
 *
 * @param piiKeys folder with a file per key that a contract names; a key that is not the named one
 *     is refused
 */
@ConfigurationProperties(value = "millrace.cleansing", ignoreUnknownFields = false)
record CleansingProperties(@DefaultValue("pii-keys") Path piiKeys) {}
