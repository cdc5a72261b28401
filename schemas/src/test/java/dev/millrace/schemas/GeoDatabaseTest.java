package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.net.InetAddresses;
import com.maxmind.db.Reader;
import dev.millrace.core.cleansing.Lookups.Place;
import dev.millrace.schemas.GeoDatabase.InvalidGeoDatabaseException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeoDatabaseTest {

  private static final long[] SEEDS = {1, 2, 3};

  /** Three levels of records, all kinds of values, and every part missing somewhere. */
  private static MmdbWriter world(int ipVersion, int recordBits) {
    MmdbWriter world =
        new MmdbWriter(ipVersion, recordBits)
            .put("192.0.2.0/24", city("DE", "Bavaria", "Munich"))
            .put("192.0.2.64/26", city("DE", "Bavaria", "Nuremberg"))
            .put("192.0.2.77/32", city("AT", "Tyrol", "Innsbruck"))
            .put("198.51.100.0/25", Map.of("country", Map.of("iso_code", "SE")))
            .put("198.51.100.128/25", Map.of("country_code", "NO"))
            .put("203.0.113.0/28", Map.of("is_anycast", true))
            .put("203.0.113.16/28", List.of("no", "map"));
    return ipVersion == 4
        ? world
        : world
            .put("2001:db8::/32", city("JP", "Tokyo", "Tokyo"))
            .put("2001:db8:8000::/33", city("KR", "Seoul", "Seoul"))
            .put("2001:db8::1/128", city("TW", "Taipei City", "Taipei"))
            .alias("2002::/16");
  }

  private static Map<String, Object> city(String country, String region, String city) {
    return Map.of(
        "country", Map.of("iso_code", country, "names", Map.of("de", "?", "en", "a country")),
        "location", Map.of("latitude", 48.1, "longitude", 11.6),
        "subdivisions",
            List.of(
                Map.of("iso_code", "X", "names", Map.of("en", region, "ja", "地方")),
                Map.of("names", Map.of("en", "a district of it"))),
        "city", Map.of("geoname_id", 2_867_714, "names", Map.of("de", "?", "en", city)),
        "traits", Map.of("built", 1_767_225_600L, "is_satellite_provider", false));
  }

  private static GeoDatabase open(MmdbWriter writer) {
    try {
      return GeoDatabase.open(writer.write());
    } catch (InvalidGeoDatabaseException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertRefused(MmdbWriter writer, String why) {
    assertRefused(writer.write(), why);
  }

  private static void assertRefused(byte[] bytes, String why) {
    assertThatThrownBy(() -> GeoDatabase.open(bytes))
        .isInstanceOf(InvalidGeoDatabaseException.class)
        .hasMessageStartingWith("is no sound MMDB database: it has ")
        .hasMessageContaining(why)
        .hasMessageEndingWith("; get it again from where it came");
  }

  @ParameterizedTest(name = "IPv{0}, {1} bits")
  @CsvSource({"4,24", "4,28", "4,32", "6,24", "6,28", "6,32"})
  void aNetworkReachesFromItsFirstAddressToItsLast(int ipVersion, int recordBits) {
    GeoDatabase geo = open(world(ipVersion, recordBits));

    for (String munich : List.of("192.0.2.0", "192.0.2.63", "192.0.2.128", "192.0.2.255")) {
      assertThat(geo.locate(munich)).isEqualTo(new Place("DE", "Bavaria", "Munich"));
    }
    for (String nuremberg : List.of("192.0.2.64", "192.0.2.76", "192.0.2.78", "192.0.2.127")) {
      assertThat(geo.locate(nuremberg)).isEqualTo(new Place("DE", "Bavaria", "Nuremberg"));
    }
    assertThat(geo.locate("192.0.2.77")).isEqualTo(new Place("AT", "Tyrol", "Innsbruck"));
    for (String outside : List.of("192.0.1.255", "192.0.3.0", "0.0.0.0", "255.255.255.255")) {
      assertThat(geo.locate(outside)).isEqualTo(Place.UNKNOWN);
    }
  }

  @Test
  void anIpv6AddressIsFoundInItsNetwork() {
    GeoDatabase geo = open(world(6, 28));

    assertThat(geo.locate("2001:db8::")).isEqualTo(new Place("JP", "Tokyo", "Tokyo"));
    assertThat(geo.locate("2001:DB8:0:0::2")).isEqualTo(new Place("JP", "Tokyo", "Tokyo"));
    assertThat(geo.locate("2001:db8:7fff:ffff:ffff:ffff:ffff:ffff").city()).isEqualTo("Tokyo");
    assertThat(geo.locate("2001:db8:8000::").city()).isEqualTo("Seoul");
    assertThat(geo.locate("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff").city()).isEqualTo("Seoul");
    assertThat(geo.locate("2001:db8::1").city()).isEqualTo("Taipei");
    assertThat(geo.locate("2001:db9::")).isEqualTo(Place.UNKNOWN);
    assertThat(open(world(4, 28)).locate("2001:db8::1")).isEqualTo(Place.UNKNOWN);
  }

  @Test
  void anIpv4AddressIsTheSameInIpv6Clothes() {
    GeoDatabase geo = open(world(6, 24));
    Place innsbruck = new Place("AT", "Tyrol", "Innsbruck");

    assertThat(geo.locate("::ffff:192.0.2.77")).isEqualTo(innsbruck);
    assertThat(geo.locate("::192.0.2.77")).isEqualTo(innsbruck);
    assertThat(geo.locate("2002:c000:24d::1")).as("6to4, by the file's alias").isEqualTo(innsbruck);
    assertThat(open(world(4, 24)).locate("::ffff:192.0.2.77")).isEqualTo(innsbruck);
  }

  @Test
  void whatARecordDoesNotSayIsNull() {
    GeoDatabase geo = open(world(6, 32));

    assertThat(geo.locate("198.51.100.1")).isEqualTo(new Place("SE", null, null));
    assertThat(geo.locate("198.51.100.200")).isEqualTo(new Place("NO", null, null));
    assertThat(geo.locate("203.0.113.1")).isEqualTo(Place.UNKNOWN);
    assertThat(geo.locate("203.0.113.17")).isEqualTo(Place.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "localhost",
        "example.org",
        "1",
        "1.2.3",
        "1.2.3.256",
        "192.0.2.77 ",
        "192.0.2.77/32",
        "[2001:db8::1]",
        "2001:db8::1%eth0",
        "2001:db8::1%1",
        ":::",
        "\0",
        "٤.٤.٤.٤",
        "1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20"
      })
  void whatIsNoAddressIsNowhere(String text) {
    assertThat(open(world(6, 24)).locate(text)).isEqualTo(Place.UNKNOWN);
  }

  @Test
  void aNameThatIsNoneIsLeftOut() {
    GeoDatabase geo =
        open(
            new MmdbWriter(4, 24)
                .put("192.0.2.0/25", city(" ", "x".repeat(1_025), "x".repeat(1_024)))
                .put("192.0.2.128/25", Map.of("country", "SE", "city", Map.of("names", 7))));

    assertThat(geo.locate("192.0.2.1")).isEqualTo(new Place(null, null, "x".repeat(1_024)));
    assertThat(geo.locate("192.0.2.129")).isEqualTo(Place.UNKNOWN);
  }

  /** The networks' records begin beyond each of the pointers' ranges. */
  @ParameterizedTest
  @ValueSource(ints = {24, 28, 32})
  void agreesWithTheMakersOwnReader(int recordBits) throws Exception {
    MmdbWriter writer = world(6, recordBits);
    Random random = new Random(recordBits);
    for (int i = 0; i < 20_000; i++) {
      writer.put(
          "10.%d.%d.%d/%d"
              .formatted(random.nextInt(256), random.nextInt(256), random.nextInt(256), 24 + i % 9),
          city("C" + i % 7, "Region " + i % 3_000, "City " + i));
    }
    byte[] bytes = writer.write();
    assertThat(bytes).hasSizeGreaterThan(2_000_000);

    assertAgrees(bytes, random);
  }

  private static void assertAgrees(byte[] bytes, Random random) throws Exception {
    GeoDatabase geo = GeoDatabase.open(bytes);
    try (Reader oracle = new Reader(new ByteArrayInputStream(bytes))) {
      for (int i = 0; i < 50_000; i++) {
        byte[] address = new byte[i % 2 == 0 ? 4 : 16];
        random.nextBytes(address);
        if (i % 4 < 3) {
          address[0] = address.length == 4 ? (byte) 10 : 0x20;
          address[1] = address.length == 4 ? address[1] : (byte) (i % 3);
        }
        String ip = InetAddresses.toAddrString(InetAddress.getByAddress(address));
        assertThat(geo.locate(ip)).as(ip).isEqualTo(place(oracle, ip));
      }
    }
  }

  static Place place(Reader oracle, String ip) throws IOException {
    if (oracle.get(InetAddresses.forString(ip), Object.class) instanceof Map<?, ?> record) {
      String flat = (String) record.get("country_code");
      List<?> regions = (List<?>) record.get("subdivisions");
      return new Place(
          flat == null ? (String) in(record.get("country"), "iso_code") : flat,
          regions == null ? null : (String) in(in(regions.get(0), "names"), "en"),
          (String) in(in(record.get("city"), "names"), "en"));
    }
    return Place.UNKNOWN;
  }

  private static Object in(Object map, String name) {
    return map == null ? null : ((Map<?, ?>) map).get(name);
  }

  @Test
  void aFileThatIsCutOffAnywhereIsRefused() {
    byte[] whole = world(6, 24).write();

    for (int length = 0; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length), "");
    }
  }

  static long[] seeds() {
    return SEEDS;
  }

  /** A changed byte may give another sound database; it never gives one that fails when asked. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aDatabaseWithWrongBytesIsRefusedOrAnswersEverything(long seed) {
    Random random = new Random(seed);
    byte[] whole = world(6, 24 + 4 * random.nextInt(3)).write();
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] wrong = whole.clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        wrong[random.nextInt(wrong.length)] = (byte) random.nextInt(256);
      }
      try {
        GeoDatabase geo = GeoDatabase.open(wrong);
        for (String ip : List.of("192.0.2.77", "198.51.100.1", "203.0.113.17", "2001:db8::1")) {
          assertThat(geo.locate(ip)).isNotNull();
        }
      } catch (InvalidGeoDatabaseException e) {
        refused++;
      }
    }
    assertThat(refused).as("refused of 20,000").isBetween(5_000, 19_500);
  }

  @Test
  void aDescriptionThatDoesNotFitTheFileIsRefused() {
    assertRefused(new byte[0], "no metadata");
    assertRefused(world(6, 24).describe("node_count", 0), "node_count of 0");
    assertRefused(world(6, 24).describe("node_count", 1_000_000), "node_count of 1000000");
    assertRefused(world(6, 24).describe("node_count", "many"), "no number node_count");
    assertRefused(world(6, 24).describe("record_size", 20), "record_size of 20");
    assertRefused(world(6, 24).describe("ip_version", 5), "ip_version of 5");
    assertRefused(world(6, 24).describe("binary_format_major_version", 3), "format version 3");
    assertRefused(world(6, 24).describe("ip_version", 4), "longer than an address");
  }

  @Test
  void aRecordThatIsNotThereIsRefused() {
    assertRefused(world(6, 24).putOffset("192.0.2.0/30", -1), "out of its records");
    assertRefused(world(6, 24).putOffset("192.0.2.0/30", -15), "out of its records");
    assertRefused(world(6, 24).putOffset("192.0.2.0/30", 1 << 20), "out of its records");
  }

  @Test
  void aSizeThatIsNotThereIsRefusedBeforeAnythingIsMadeOfThatSize() {
    for (int type : new int[] {2, 4, 7, 11}) {
      ByteArrayOutputStream huge = new ByteArrayOutputStream();
      MmdbWriter.head(huge, type, 16_000_000);
      assertRefused(withRecord(huge), "longer than what is left of the file");
    }
  }

  @Test
  void aValueOfAKindThatCantBeThereIsRefused() {
    assertRefused(withRecord(bytes(0x42, 0xc3, 0x28)), "not in UTF-8");
    assertRefused(withRecord(bytes(0xe1, 0xa1, 0x01, 0x40)), "can't stand there");
    assertRefused(withRecord(bytes(0x61, 0x00)), "can't stand there");
    assertRefused(withRecord(bytes(0x02, 0x07, 0, 0)), "can't stand there");
    assertRefused(withRecord(bytes(0x00, 0x05)), "can't stand there");
    assertRefused(withRecord(bytes(0x00, 0x06)), "can't stand there");
    assertRefused(withRecord(bytes(0x00, 0x00)), "of an unknown type");
    assertRefused(withRecord(bytes(0x00, 0x7f)), "of an unknown type");
  }

  private static MmdbWriter withRecord(ByteArrayOutputStream record) {
    MmdbWriter writer = new MmdbWriter(4, 24);
    return writer.putOffset("192.0.2.0/24", writer.appendBytes(record.toByteArray()));
  }

  private static ByteArrayOutputStream bytes(int... values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int value : values) {
      bytes.write(value);
    }
    return bytes;
  }

  /** One array inside the other, with pointers between them or without. */
  private static MmdbWriter nested(int levels, boolean pointers) {
    ByteArrayOutputStream records = bytes(0xa0);
    int inner = 0;
    for (int i = 1; i < levels && pointers; i++) {
      int at = records.size();
      MmdbWriter.head(records, 11, 1);
      MmdbWriter.pointer(records, inner);
      inner = at;
    }
    if (!pointers) {
      records.reset();
      for (int i = 1; i < levels; i++) {
        MmdbWriter.head(records, 11, 1);
      }
      records.write(0xa0);
    }
    MmdbWriter writer = new MmdbWriter(4, 24);
    return writer.putOffset("192.0.2.0/24", writer.appendBytes(records.toByteArray()) + inner);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nestingIsCountedAndNotLeftToTheStack(boolean pointers) {
    assertThat(open(nested(64, pointers)).locate("192.0.2.1")).isEqualTo(Place.UNKNOWN);
    for (int levels : new int[] {65, 600, 100_000}) {
      assertRefused(nested(levels, pointers), "63 are allowed");
    }
  }

  @Test
  void theAnswerIsTheSameOnASmallStack() throws InterruptedException {
    byte[] deepest = nested(64, true).write();
    byte[] tooDeep = nested(100_000, false).write();
    byte[] world = world(6, 24).write();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread small =
        new Thread(
            null,
            () ->
                thrown.set(
                    catchThrowable(
                        () -> {
                          assertThat(GeoDatabase.open(deepest)).isNotNull();
                          assertThat(GeoDatabase.open(world)).isNotNull();
                          assertRefused(tooDeep, "63 are allowed");
                        })),
            "small",
            256 * 1024);
    small.start();
    small.join();

    assertThat(thrown.get()).isNull();
  }

  @Test
  void aValueThatIsAPartOfItselfIsRefused() {
    assertRefused(withRecord(bytes(0x01, 0x04, 0x20, 0x00)), "a part of itself");
    assertRefused(withRecord(bytes(0xe1, 0x41, 0x61, 0x20, 0x00)), "a part of itself");
    assertRefused(withRecord(bytes(0x20, 0x00)), "leads to a pointer");
    assertRefused(withRecord(bytes(0x27, 0xff)), "leads out of the file");
  }

  @Test
  void valuesThatMultiplyThroughPointersAreReadOnce() {
    ByteArrayOutputStream records = bytes(0xa0);
    int inner = 0;
    for (int i = 0; i < 60; i++) {
      int at = records.size();
      MmdbWriter.head(records, 11, 20);
      for (int j = 0; j < 20; j++) {
        MmdbWriter.pointer(records, inner);
      }
      inner = at;
    }
    MmdbWriter writer = new MmdbWriter(4, 24);
    writer.putOffset("192.0.2.0/24", writer.appendBytes(records.toByteArray()) + inner);

    assertThat(open(writer).locate("192.0.2.1")).isEqualTo(Place.UNKNOWN);
  }

  /** Each record is an array that holds all the rest, where the heads of the others are bytes. */
  @ParameterizedTest
  @CsvSource({"4, true", "2000, false"})
  void recordsThatOverlapAreRefusedBeforeTheyCostTime(int count, boolean sound) {
    MmdbWriter writer = new MmdbWriter(4, 24);
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    int rest = 1_000;
    for (int i = 0; i < count; i++) {
      records.write(0x84);
      int offset = records.size();
      MmdbWriter.head(records, 11, count - 1 - i + rest);
      assertThat(records.size() - offset).isEqualTo(4);
      writer.putOffset("10.0.%d.%d/32".formatted(i / 256, i % 256), offset);
    }
    for (int i = 0; i < rest; i++) {
      records.write(0xa0);
    }
    writer.appendBytes(records.toByteArray());

    if (sound) {
      assertThat(open(writer).locate("10.0.0.1")).isEqualTo(Place.UNKNOWN);
    } else {
      assertRefused(writer, "more often than any writer does");
    }
  }

  @Test
  void aTreeThatRunsInCirclesIsRefused() {
    byte[] circle = new MmdbWriter(4, 24).put("0.0.0.0/1", Map.of()).write();
    Arrays.fill(circle, 0, 6, (byte) 0);

    assertRefused(circle, "longer than an address");
  }

  @Test
  void aTreeThatWasLostInPartIsRefused() {
    byte[] lost = new MmdbWriter(4, 24).put("0.0.0.0/9", Map.of()).write();
    Arrays.fill(lost, 0, 6, (byte) 0);
    lost[2] = 9;
    lost[5] = 9;

    assertRefused(lost, "that no address reaches");
  }
}
