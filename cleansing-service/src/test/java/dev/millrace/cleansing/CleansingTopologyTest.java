package dev.millrace.cleansing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Digest128;
import dev.millrace.core.Origin;
import dev.millrace.core.state.UnreadableStateException;
import dev.millrace.core.cleansing.UserLedger;
import dev.millrace.core.cleansing.UserLedger.Change;
import dev.millrace.core.cleansing.UserLedger.Head;
import dev.millrace.core.cleansing.UserLedger.Seen;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class CleansingTopologyTest {

  private static final class Silent implements FixedKeyProcessor<String, byte[], Sorted> {
    @Override
    public void process(FixedKeyRecord<String, byte[]> record) {}
  }

  @Test
  void itsStoreAndNodesKeepTheirNamesAndNothingIsRepartitioned() {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, byte[]> raw =
        builder.stream(
            "events.raw", Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("raw"));
    new CleansingTopology(Silent::new).apply(raw);

    TopologyDescription topology = builder.build().describe();

    assertThat(topology.subtopologies()).hasSize(1);
    assertThat(topology.toString())
        .contains("stores: [ledger-by-user]")
        .contains("Processor: clean ", "only-clean", "only-duplicate", "only-quarantined")
        .doesNotContain("repartition")
        .doesNotContain("KSTREAM");
  }

  @Test
  void theStoredLedgerRemembersAsAMapDoesAndKeepsUsersApart() {
    KeyValueStore<Bytes, byte[]> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("s"), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    MockProcessorContext<Object, Object> context = new MockProcessorContext<>();
    store.init(context.getStateStoreContext(), store);
    List<String> users = List.of("a", "ab", "a\0", "", "b");
    Map<String, Map<Digest128, Seen>> expected = new HashMap<>();
    Random random = new Random(1);

    for (int i = 0; i < 2_000; i++) {
      String user = users.get(random.nextInt(users.size()));
      Map<Digest128, Seen> seen = expected.computeIfAbsent(user, u -> new HashMap<>());
      Digest128 id = new Digest128(random.nextInt(50), 7);
      Seen entry = new Seen(random.nextLong(), new Digest128(i, i), new Origin("tópic", 1, i));
      List<Digest128> forget = seen.keySet().stream().filter(k -> !k.equals(id)).limit(1).toList();
      forget.forEach(seen::remove);
      seen.put(id, entry);
      Head head =
          new Head(
              random.nextLong(), random.nextLong(), seen.size(), i, Collections.emptySortedMap());

      UserLedger ledger = new StoredLedger(store, user);
      ledger.apply(new Change(head, id, entry, forget));

      assertThat(ledger.head()).isEqualTo(head);
      assertThat(ledger.find(id)).isEqualTo(entry);
    }
    expected.forEach(
        (user, seen) -> {
          Map<Digest128, Seen> found = new HashMap<>();
          new StoredLedger(store, user).forEach(found::put);
          assertThat(found).as("user '%s'", user).isEqualTo(seen);
        });
    assertThat(new StoredLedger(store, "nobody").head()).isNull();

    store.all().forEachRemaining(entry -> store.put(entry.key, new byte[40]));
    assertThatThrownBy(() -> new StoredLedger(store, "a").head())
        .isInstanceOf(UnreadableStateException.class);
  }
}
