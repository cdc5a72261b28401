package dev.millrace.core.cleansing;

/** What is odd about a clean event. Published with it: add, never rename. */
public enum Flag {
  /** Outside the bounds that the contract calls usual. */
  OUTLIER_BOUNDS,
  /** Further from the user's own mean than the declared number of standard deviations. */
  OUTLIER_Z_SCORE,
  /** Outside the fences around the user's own quartiles. */
  OUTLIER_IQR,
  /** Not in the reference set. */
  UNKNOWN_REFERENCE,
  /** No reference set of that name is active, so nothing was looked up. */
  REFERENCE_UNAVAILABLE,
  /** No geo database is active, or one that is damaged, so nothing was looked up. */
  GEO_UNAVAILABLE;

  /** The flag with the field it is about, as it is published. */
  public String of(String field) {
    return field + ":" + name();
  }

  /** The flag of its published form. */
  public static Flag in(String published) {
    return valueOf(published.substring(published.lastIndexOf(':') + 1));
  }
}
