package dev.millrace.sink;

import dev.millrace.schemas.SchemaRegistry.RegistryException;
import io.delta.kernel.exceptions.KernelEngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;

/** What a failure means to Connect: to be tried again, or to end the task. */
final class Failure {

  private Failure() {}

  static ConnectException of(RuntimeException failure) {
    if (failure instanceof ConnectException known) {
      return known;
    }
    if (hasCause(failure, AccessDeniedException.class)
        || hasCause(failure, AccessControlException.class)) {
      return new ConnectException(
          "The lake refuses access: check the account, its key or identity and its rights, set as fs.*: "
              + failure.getMessage(),
          failure);
    }
    boolean surroundings =
        failure instanceof RegistryException
            || failure instanceof DeltaTable.ConflictException
            || failure instanceof UncheckedIOException
            || failure instanceof KernelEngineException
            || hasCause(failure, IOException.class);
    return surroundings
        ? new RetriableException(failure.getMessage(), failure)
        : new ConnectException("Cannot land records: " + failure.getMessage(), failure);
  }

  private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return true;
      }
    }
    return false;
  }
}
