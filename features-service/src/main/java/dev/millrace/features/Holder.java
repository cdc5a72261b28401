package dev.millrace.features;

/** What one instance is asked as by another. */
enum Holder {
  /** Processes the user's partition. */
  OWNER,
  /** Restores the partition beside its owner. */
  STANDBY
}
