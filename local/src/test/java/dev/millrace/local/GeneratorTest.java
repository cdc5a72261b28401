package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GeneratorTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Generator.Events events = Generator.generate(7, 5_000, "u-");

  @Test
  void theSameSeedGivesTheSameLinesAndAnotherSeedOthers() {
    assertThat(Generator.generate(7, 5_000, "u-")).isEqualTo(events);
    assertThat(Generator.generate(8, 5_000, "u-").lines()).isNotEqualTo(events.lines());
  }

  @Test
  void anotherPrefixChangesTheUsersAndNothingElse() {
    List<String> others =
        Generator.generate(7, 5_000, "v-").lines().stream()
            .map(line -> line.replace("\"user_id\":\"v-", "\"user_id\":\"u-"))
            .toList();

    assertThat(others).isEqualTo(events.lines());
  }

  @Test
  void hasTheSharesItDeclares() {
    assertThat(events.lines()).hasSize(5_000);
    assertThat(events.duplicates()).isEqualTo(100);
    assertThat(events.broken()).isEqualTo(50);
    assertThat(events.clean()).isEqualTo(4_850);
    Set<String> different = new HashSet<>(events.lines());
    assertThat(events.lines().size() - different.size()).isEqualTo(100);
  }

  @Test
  void looksLikeAShop() {
    List<JsonNode> whole =
        events.lines().stream().filter(line -> line.endsWith("}")).map(this::parse).toList();

    assertThat(whole.stream().map(event -> event.path("event_type").asText()))
        .contains("login", "login_failed", "browsing", "add_to_cart", "purchase", "logout");
    assertThat(
            whole.stream()
                .map(event -> event.path("user_id").asText())
                .collect(Collectors.toSet())
                .size())
        .isBetween(200, 500);
    assertThat(whole.stream().filter(event -> event.path("value").asDouble() > 0).count())
        .isGreaterThan(100);
  }

  @Test
  void aCopyComesAfterItsOriginalAndSomeEventsComeLate() {
    List<String> times =
        events.lines().stream()
            .filter(line -> line.endsWith("}"))
            .map(line -> parse(line).path("event_time").asText())
            .filter(time -> time.startsWith("2026-01"))
            .toList();
    long behind = 0;
    for (int i = 1; i < times.size(); i++) {
      behind += times.get(i).compareTo(times.get(i - 1)) < 0 ? 1 : 0;
    }

    assertThat(behind).isBetween(20L, 400L);
  }

  private JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError(line, e);
    }
  }
}
