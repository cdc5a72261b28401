package dev.millrace.core.cleansing;

import java.util.Arrays;

/**
 * Finds a ledger's entries by a hash of their ids; at most half full, so that a search is short.
 */
final class LedgerIndex {

  private static final int FREE = -1;

  private final int[] slots;
  private int count;

  /**
   * @param entries for how many there is room
   */
  LedgerIndex(int entries) {
    slots = new int[Integer.highestOneBit(Math.max(entries, 1)) * 4];
    Arrays.fill(slots, FREE);
  }

  boolean hasRoom() {
    return count < slots.length / 2;
  }

  void add(int entry, long hash) {
    int slot = first(hash);
    while (slots[slot] != FREE) {
      slot = next(slot);
    }
    slots[slot] = entry;
    count++;
  }

  /** Where a search begins; it ends at a slot without entry. */
  int first(long hash) {
    return (int) hash & (slots.length - 1);
  }

  int next(int slot) {
    return (slot + 1) & (slots.length - 1);
  }

  /** Below 0 if the slot is free. */
  int entry(int slot) {
    return slots[slot];
  }
}
