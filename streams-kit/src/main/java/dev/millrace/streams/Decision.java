package dev.millrace.streams;

import dev.millrace.core.Reason;
import dev.millrace.core.Violation;
import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.schemas.ArtifactStore.ArtifactException;
import dev.millrace.schemas.PiiKeys.PiiKeyException;
import dev.millrace.schemas.SchemaRegistry.RegistryException;
import dev.millrace.streams.ActiveArtifacts.ActivationsUnavailableException;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line between a failing surrounding and a fault that one event provokes: the first stops the
 * process, the second is that event's outcome.
 */
public final class Decision {

  private static final Logger LOG = LoggerFactory.getLogger(Decision.class);

  private static final int LOGGED_FRAMES = 30;

  /**
   * A fault of ours.
   *
   * @param exception its class and where it was thrown; never its message, which may hold values
   */
  public record Fault(Violation violation, String exception) {}

  private Decision() {}

  /**
   * Decides one event.
   *
   * @param decision changes nothing outside
   * @param otherwise the outcome if the decision can't be made because of a fault
   */
  public static <T> T make(Supplier<T> decision, Function<Fault, T> otherwise) {
    try {
      return decision.get();
    } catch (KafkaException
        | RegistryException
        | ArtifactException
        | PiiKeyException
        | UnreadableStateException
        | ActivationsUnavailableException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      Fault fault = faultOf(e);
      LOG.error(
          "A fault of ours; what provoked it gets that as its outcome: {}",
          fault.exception(),
          withoutValues(e));
      return otherwise.apply(fault);
    }
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
