package dev.millrace.local;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.millrace.local.generator.Expectation;
import dev.millrace.local.generator.GeneratedEvent;
import dev.millrace.local.generator.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must become of generated events, line by line; two bytes are kept of each. For one thread at
 * a time.
 */
final class Truth {

  /**
   * Whether it did.
   *
   * @param expected events in all; each must have exactly one raw record, and that exactly one end
   * @param asExpected how many have the one that was expected
   * @param kinds different ways in which events were bad, and had to be quarantined
   * @param differences the first few of the others, in words
   */
  record Verdict(long expected, long asExpected, int kinds, @JsonIgnore List<String> differences) {
    Verdict {
      differences = List.copyOf(differences);
    }

    boolean isAsExpected() {
      return asExpected == expected;
    }
  }

  private static final int FEW = 1_024;
  private static final int DIFFERENCES_TOLD = 5;
  private static final byte REGULAR = -1;

  /** How an event stands. */
  private static final byte MISSING = 0;

  private static final byte AS_EXPECTED = 1;
  private static final byte DIFFERENT = 2;

  private final List<String> differences = new ArrayList<>();
  private byte[] kinds = new byte[FEW];
  private byte[] states = new byte[FEW];
  private int events;

  /** The lines to publish; what is expected of each is kept when it is taken. */
  Iterator<byte[]> lines(Iterator<GeneratedEvent> generated) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return generated.hasNext();
      }

      @Override
      public byte[] next() {
        GeneratedEvent event = generated.next();
        expect(event.expectation());
        return event.line();
      }
    };
  }

  private void expect(Expectation expectation) {
    if (events == kinds.length) {
      int more = Math.addExact(events, events / 2);
      kinds = Arrays.copyOf(kinds, more);
      states = Arrays.copyOf(states, more);
    }
    Kind kind = expectation.kind();
    kinds[events++] = kind == null ? REGULAR : (byte) kind.ordinal();
  }

  /** A raw record was made of one of them; each is told once, when all have their outcome. */
  void found(Trace.Followed found) {
    int event = found.event();
    boolean again = states[event] != MISSING;
    boolean same = !again && found.ends().equals(List.of(expected(event)));
    states[event] = same ? AS_EXPECTED : DIFFERENT;
    if (!same) {
      tell(
          event,
          "%s; events.raw partition %d, offset %d%s"
              .formatted(
                  text(found.ends()),
                  found.partition(),
                  found.offset(),
                  again ? ", which is not its only record there" : ""));
    }
  }

  /** When all that was found has been told. */
  Verdict verdict() {
    long asExpected = 0;
    for (int event = 0; event < events; event++) {
      if (states[event] == AS_EXPECTED) {
        asExpected++;
      } else if (states[event] == MISSING) {
        tell(event, "nothing: no record on events.raw was made of it");
      }
    }
    return new Verdict(events, asExpected, defects().size(), differences);
  }

  private void tell(int event, String found) {
    if (differences.size() < DIFFERENCES_TOLD) {
      Kind kind = kind(event);
      differences.add(
          String.format(
              Locale.ROOT,
              "line %,d (%s): expected %s, found %s",
              event + 1,
              kind == null ? "a regular event" : kind.kindName(),
              expected(event),
              found));
    }
  }

  private static String text(List<End> ends) {
    return ends.isEmpty()
        ? "no outcome"
        : String.join(" and ", ends.stream().map(End::toString).toList());
  }

  private End expected(int event) {
    return End.of(new Expectation(kind(event), null));
  }

  private @Nullable Kind kind(int event) {
    return kinds[event] == REGULAR ? null : Kind.values()[kinds[event]];
  }

  /** A copy is no defect of the event. */
  private Set<Kind> defects() {
    Set<Kind> defects = EnumSet.noneOf(Kind.class);
    for (int event = 0; event < events; event++) {
      Kind kind = kind(event);
      if (kind != null && kind.outcome() == Expectation.Outcome.QUARANTINED) {
        defects.add(kind);
      }
    }
    return defects;
  }
}
