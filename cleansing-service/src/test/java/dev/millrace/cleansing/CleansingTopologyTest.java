package dev.millrace.cleansing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schemas.stage.Sorted;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
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
}
