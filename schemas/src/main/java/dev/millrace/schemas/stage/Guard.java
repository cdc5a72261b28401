package dev.millrace.schemas.stage;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.PiiKeys.PiiKeyException;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line between a failing surrounding and a fault that one event provokes: the first stops the
 * process, the second is that event's outcome.
 */
public final class Guard {

  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

  private static final int LOGGED_FRAMES = 30;

  private static final List<Class<? extends RuntimeException>> SURROUNDINGS =
      List.of(
          RegistryException.class,
          ArtifactException.class,
          PiiKeyException.class,
          UnreadableStateException.class);

  private final List<Class<? extends RuntimeException>> hosts;

  /**
   * @param hosts what the host's own machinery throws when it fails
   */
  @SafeVarargs
  public Guard(Class<? extends RuntimeException>... hosts) {
    this.hosts = List.of(hosts);
  }

  /**
   * Decides one event.
   *
   * @param decision changes nothing outside
   * @param otherwise the outcome if the decision can't be made because of a fault
   */
  public <T> T decide(Supplier<T> decision, Function<Fault, T> otherwise) {
    try {
      return decision.get();
    } catch (RuntimeException e) {
      if (isSurrounding(e)) {
        throw e;
      }
      return otherwise.apply(told(e));
    } catch (StackOverflowError e) {
      return otherwise.apply(told(e));
    }
  }

  private boolean isSurrounding(RuntimeException e) {
    return SURROUNDINGS.stream().anyMatch(kind -> kind.isInstance(e))
        || hosts.stream().anyMatch(kind -> kind.isInstance(e));
  }

  private static Fault told(Throwable e) {
    Fault fault = faultOf(e);
    LOG.error(
        "A fault of ours; what provoked it gets that as its outcome: {}",
        fault.exception(),
        withoutValues(e));
    return fault;
  }

  /** The place without the message, which may hold what a user sent. */
  private static Throwable withoutValues(Throwable e) {
    Throwable place = new Throwable(e.getClass().getName());
    StackTraceElement[] trace = e.getStackTrace();
    place.setStackTrace(Arrays.copyOf(trace, Math.min(trace.length, LOGGED_FRAMES)));
    return place;
  }

  private static Fault faultOf(Throwable e) {
    StackTraceElement[] trace = e.getStackTrace();
    String where = trace.length == 0 ? "unknown place" : trace[0].toString();
    return new Fault(
        new Violation(Reason.CODE_FAILURE, null, "provoked a fault of Millrace; please report it"),
        e.getClass().getName() + " at " + where);
  }
}
