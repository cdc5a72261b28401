package dev.millrace.core.cleansing;

import java.util.Map;
import java.util.Set;

/**
 * What a test says is active.
 *
 * @param places by address; null = no geo database is active
 */
record SmallLookups(Map<String, Set<String>> sets, Map<String, Place> places) implements Lookups {

  static final SmallLookups NONE = new SmallLookups(Map.of(), null);

  static SmallLookups set(String name, String... values) {
    return new SmallLookups(Map.of(name, Set.of(values)), null);
  }

  static SmallLookups place(String ip, String country, String region, String city) {
    return new SmallLookups(Map.of(), Map.of(ip, new Place(country, region, city)));
  }

  @Override
  public Boolean contains(String referenceSet, String value) {
    return sets.containsKey(referenceSet) ? sets.get(referenceSet).contains(value) : null;
  }

  @Override
  public Place locate(String ip) {
    return places == null ? null : places.getOrDefault(ip, Place.UNKNOWN);
  }

  @Override
  public String token(String value) {
    return "token of " + value.length() + " characters";
  }
}
