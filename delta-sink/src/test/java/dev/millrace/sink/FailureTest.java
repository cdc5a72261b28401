package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.delta.kernel.exceptions.KernelEngineException;
import io.delta.kernel.exceptions.KernelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.Test;

class FailureTest {

  @Test
  void aLakeThatIsAwayIsTriedAgain() {
    assertThat(Failure.of(new UncheckedIOException(new IOException("reset"))))
        .isInstanceOf(RetriableException.class);
    assertThat(Failure.of(new KernelEngineException("listing", new IOException("reset"))))
        .isInstanceOf(RetriableException.class);
  }

  @Test
  void aLakeThatRefusesEndsTheTaskAndTellsWhatToCheck() {
    assertThat(Failure.of(new KernelEngineException("listing", new AccessDeniedException("/lake"))))
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContaining("check the account");
  }

  @Test
  void aTableThatCannotBeWrittenEndsTheTask() {
    assertThat(Failure.of(new KernelException("needs a newer writer")))
        .isNotInstanceOf(RetriableException.class)
        .hasMessage("Cannot land records: needs a newer writer");
  }

  @Test
  void whatConnectKnowsStaysAsItIs() {
    ConnectException known = new RetriableException("again");

    assertThat(Failure.of(known)).isSameAs(known);
  }
}
