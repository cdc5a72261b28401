package dev.millrace.schemas;

import dev.millrace.schemas.MmdbSection.MalformedException;
import dev.millrace.schemas.MmdbSection.Type;
import dev.millrace.schemas.MmdbSection.Value;
import java.util.BitSet;

/**
 * Whether values of an MMDB file are sound with all that is in them and that they point at. The
 * answer depends on the bytes alone, never on the stack or the memory of a machine: nesting and
 * work are counted.
 */
final class MmdbCheck {

  /** As deep as JSON may be; a record of a city is four deep. */
  private static final int DEEPEST = 64;

  /** Each byte is read once for every level of values that others point at: three in practice. */
  private static final int READS_PER_BYTE = 8;

  private final MmdbSection section;
  private final BitSet begun;
  private final BitSet sound;
  private long left;

  MmdbCheck(MmdbSection section) {
    this.section = section;
    int length = section.end() - section.start();
    this.begun = new BitSet(length);
    this.sound = new BitSet(length);
    this.left = (long) READS_PER_BYTE * length;
  }

  /**
   * Checks the value there, if it was not checked before.
   *
   * @throws MalformedException if it is not sound
   */
  void check(int offset) {
    checkOnce(offset, 1);
  }

  private void checkOnce(int offset, int depth) {
    int place = offset - section.start();
    if (sound.get(place)) {
      return;
    }
    if (begun.get(place)) {
      throw new MalformedException("a value at byte %d that is a part of itself", offset);
    }
    begun.set(place);
    int unused = check(offset, depth);
    sound.set(place);
  }

  /** Returns the offset behind the value. */
  private int check(int offset, int depth) {
    if (depth > DEEPEST) {
      throw new MalformedException(
          "a value at byte %d inside %d others; %d are allowed", offset, depth - 1, DEEPEST - 1);
    }
    if (--left < 0) {
      throw new MalformedException(
          "values that point at each other more often than any writer does");
    }
    Value value = section.at(offset);
    switch (value.type()) {
      case POINTER:
        Value unused = section.resolved(offset);
        checkOnce(value.size(), depth);
        return value.next();
      case MAP:
        int next = value.begin();
        for (int i = 0; i < value.size(); i++) {
          requireKind(next, section.resolved(next).type() == Type.STRING);
          next = check(check(next, depth + 1), depth + 1);
        }
        return next;
      case ARRAY:
        int element = value.begin();
        for (int i = 0; i < value.size(); i++) {
          element = check(element, depth + 1);
        }
        return element;
      case STRING:
        section.requireText(value);
        return value.next();
      default:
        requireKind(offset, isScalar(value));
        return value.next();
    }
  }

  private static boolean isScalar(Value value) {
    return switch (value.type()) {
      case BYTES -> true;
      case DOUBLE -> value.size() == 8;
      case FLOAT -> value.size() == 4;
      case UINT16 -> value.size() <= 2;
      case UINT32, INT32 -> value.size() <= 4;
      case UINT64 -> value.size() <= 8;
      case UINT128 -> value.size() <= 16;
      case BOOLEAN -> value.size() <= 1;
      default -> false;
    };
  }

  private static void requireKind(int offset, boolean holds) {
    if (!holds) {
      throw new MalformedException("a value at byte %d that can't stand there", offset);
    }
  }
}
