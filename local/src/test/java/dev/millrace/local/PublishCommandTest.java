package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.local.Publisher.Published;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is said after publishing. */
class PublishCommandTest {

  @Test
  void saysWhatWasSent() {
    assertThat(PublishCommand.sent(new Published(1, 1, 1), Path.of("a.csv"), "web"))
        .isEqualTo(
            "1 event of a.csv published as web. 1 blank line was skipped. In 1 event the user could not be read.");
    assertThat(PublishCommand.sent(new Published(2_000, 0, 0), Path.of("a.csv"), "web"))
        .isEqualTo("2,000 events of a.csv published as web.");
  }

  @Test
  void saysWhatBecameOfIt() {
    assertThat(PublishCommand.became(new Trace.Outcome(5, 5, 4, 1, 0)))
        .isEqualTo("5 accepted as raw: 4 clean, 1 duplicate, 0 quarantined.");
  }

  @Test
  void saysWhereTheReasonsAreIfAnyWasQuarantined() {
    assertThat(PublishCommand.became(new Trace.Outcome(5, 5, 0, 0, 5)))
        .isEqualTo(
            "5 accepted as raw: 0 clean, 0 duplicates, 5 quarantined.\nSee why: ./millrace quarantined");
  }

  @Test
  void doesNotTakeWhatIsOnItsWayForDone() {
    assertThat(PublishCommand.became(new Trace.Outcome(5, 4, 3, 0, 0)))
        .contains("4 accepted as raw: 3 clean")
        .contains("Of 2 nothing is known yet, and none has moved for 10 s: see ./millrace status");
  }
}
