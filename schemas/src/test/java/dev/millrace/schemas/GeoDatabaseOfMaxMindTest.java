package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.net.InetAddresses;
import com.maxmind.db.Reader;
import dev.millrace.core.cleansing.Lookups.Place;
import dev.millrace.schemas.GeoDatabase.InvalidGeoDatabaseException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * MaxMind's own test databases, which are no part of the project: -Dmillrace.data names the
 * directory that has them in maxmind/.
 */
@EnabledIfSystemProperty(named = "millrace.data", matches = ".+")
class GeoDatabaseOfMaxMindTest {

  private static final Duration SOON = Duration.ofSeconds(5);

  /** Sound, and why they are among the bad ones all the same. */
  private static final Map<String, String> SOUND =
      Map.of(
          "libmaxminddb-empty-array-last-in-metadata.mmdb",
          "another reader took an array without elements at the very end for one cut off",
          "libmaxminddb-empty-map-last-in-metadata.mmdb",
          "the same with a map",
          "libmaxminddb-uint64-max-epoch.mmdb",
          "a tool failed to print a build time of 2^64 - 1; nothing is decided by it");

  private static Path data() {
    return Path.of("..").resolve(System.getProperty("millrace.data")).resolve("maxmind");
  }

  private static byte[] read(String file) throws IOException {
    return Files.readAllBytes(data().resolve(file));
  }

  /** A network with what its source says of it. */
  private record Network(InetAddress first, int hostBits, Place place) {

    static Network of(String name, JsonNode record) {
      String[] parts = name.split("/", 2);
      InetAddress first = InetAddresses.forString(parts[0]);
      return new Network(
          first,
          first.getAddress().length * Byte.SIZE - Integer.parseInt(parts[1]),
          new Place(
              record.at("/country/iso_code").textValue(),
              record.at("/subdivisions/0/names/en").textValue(),
              record.at("/city/names/en").textValue()));
    }

    boolean isIpv4() {
      byte[] address = first.getAddress();
      return Arrays.equals(new byte[12], 0, address.length - 4, address, 0, address.length - 4);
    }

    /** The first address, the last, and one of those in the middle. */
    List<String> addresses() {
      byte[] last = first.getAddress();
      byte[] middle = first.getAddress();
      for (int bit = 0; bit < hostBits; bit++) {
        int at = last.length - 1 - bit / 8;
        last[at] |= (byte) (1 << bit % 8);
        middle[at] |= (byte) (bit == hostBits - 1 || bit % 3 == 0 ? 1 << bit % 8 : 0);
      }
      return Stream.of(first.getAddress(), middle, last).map(Network::text).toList();
    }

    private static String text(byte[] address) {
      try {
        return InetAddresses.toAddrString(InetAddress.getByAddress(address));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static List<Network> networks() throws IOException {
    List<Network> networks = new ArrayList<>();
    for (JsonNode entry : new ObjectMapper().readTree(read("GeoIP2-City-Test.json"))) {
      entry.properties().forEach(e -> networks.add(Network.of(e.getKey(), e.getValue())));
    }
    return networks;
  }

  @Test
  void everyNetworkOfTheSourceIsWhereTheSourceSays() throws Exception {
    GeoDatabase geo = GeoDatabase.open(read("GeoIP2-City-Test.mmdb"));
    List<Network> networks = networks();
    int asked = 0;

    for (Network network : networks) {
      for (String ip : network.addresses()) {
        assertThat(geo.locate(ip)).as(ip).isEqualTo(network.place());
        asked++;
        byte[] address = InetAddresses.forString(ip).getAddress();
        if (network.hostBits() <= 32 && network.isIpv4()) {
          // The source writes IPv4 networks as ::a.b.c.d/n; events say a.b.c.d or ::ffff:a.b.c.d.
          String ipv4 =
              Network.text(Arrays.copyOfRange(address, address.length - 4, address.length));
          assertThat(geo.locate(ipv4)).as(ipv4).isEqualTo(network.place());
          assertThat(geo.locate("::ffff:" + ipv4)).as(ipv4).isEqualTo(network.place());
          asked += 2;
        }
      }
    }
    assertThat(asked).isGreaterThan(3 * networks.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GeoIP2-City-Test.mmdb", "GeoIP2-Country-Test.mmdb"})
  void answersAsTheMakersOwnReader(String file) throws Exception {
    byte[] bytes = read(file);
    GeoDatabase geo = GeoDatabase.open(bytes);
    Random random = new Random(1);
    try (Reader oracle = new Reader(new ByteArrayInputStream(bytes))) {
      for (Network network : networks()) {
        byte[] near = network.first().getAddress();
        for (int i = 0; i < 200; i++) {
          near[random.nextInt(near.length)] ^= (byte) (1 << random.nextInt(8));
          String ip = Network.text(near);
          assertThat(geo.locate(ip)).as(ip).isEqualTo(GeoDatabaseTest.place(oracle, ip));
        }
      }
    }
  }

  static Stream<Path> badFiles() throws IOException {
    return System.getProperty("millrace.data") == null
        ? Stream.empty()
        : Files.list(data().resolve("bad-data")).sorted();
  }

  @ParameterizedTest
  @MethodSource("badFiles")
  void aBadFileIsRefusedWithAReasonAndSoon(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    long start = System.nanoTime();

    if (SOUND.containsKey(file.getFileName().toString())) {
      assertSound(bytes);
    } else {
      assertThatThrownBy(() -> GeoDatabase.open(bytes))
          .isInstanceOf(InvalidGeoDatabaseException.class)
          .hasMessageMatching("is no sound MMDB database: it has .{10,}; get it again .*");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
  }

  private static void assertSound(byte[] bytes) throws IOException {
    try (Reader oracle = new Reader(new ByteArrayInputStream(bytes))) {
      GeoDatabase geo = GeoDatabase.open(bytes);
      assertThat(oracle.get(InetAddresses.forString("1.1.1.1"), Map.class))
          .containsEntry("ip", "test");
      assertThat(geo.locate("1.1.1.1")).isEqualTo(Place.UNKNOWN);
    } catch (InvalidGeoDatabaseException e) {
      throw new AssertionError(e);
    }
  }
}
