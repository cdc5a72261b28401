package dev.millrace.core.cleansing;

/**
 * How a contract names its key without holding it.
 *
 * @param id names the key; stands in every token
 * @param check what {@link PiiKey#check()} of the right key gives, so that a wrong one is noticed
 *     before it makes other tokens
 */
public record PiiKeyName(String id, String check) {}
