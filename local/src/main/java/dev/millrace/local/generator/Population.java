package dev.millrace.local.generator;

import dev.millrace.core.Micros;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who the users are, by their number alone. Nobody real: the domains, phone numbers and addresses
 * are those set aside for examples, films and private networks.
 */
final class Population {

  /** Where people live and how they pay. */
  record Market(String country, String currency) {}

  /** When somebody leaves who stays. */
  static final long NEVER = Long.MAX_VALUE;

  private static final List<Market> MARKETS =
      List.of(
          new Market("DE", "EUR"),
          new Market("DE", "EUR"),
          new Market("DE", "EUR"),
          new Market("DE", "EUR"),
          new Market("FR", "EUR"),
          new Market("FR", "EUR"),
          new Market("GB", "GBP"),
          new Market("IT", "EUR"),
          new Market("NL", "EUR"),
          new Market("PL", "PLN"),
          new Market("CH", "CHF"),
          new Market("US", "USD"));

  private static final List<String> MOODS =
      List.of("calm", "brave", "quick", "quiet", "sunny", "merry", "keen", "proud", "shy", "wise");
  private static final List<String> ANIMALS =
      List.of("otter", "heron", "lynx", "badger", "finch", "hare", "newt", "stoat", "wren", "toad");

  /** Kept free by the German regulator for use in films. */
  private static final List<String> PHONES =
      List.of("+493023125", "+496990009", "+494066969", "+498999998");

  private static final HexFormat HEX = HexFormat.of();
  private static final int CHURNERS_PERCENT = 12;

  private final Plan plan;
  private final Rings rings;

  Population(Plan plan, Rings rings) {
    this.plan = plan;
    this.rings = rings;
  }

  /** What is drawn for a user; each draw is independent of the others. */
  private enum Trait {
    MARKET(1),
    DEVICES(2),
    DEVICE(3),
    HOME(4),
    MOBILE(5),
    EMAIL(6),
    HAS_EMAIL(7),
    PHONE(8),
    HAS_PHONE(9),
    NEW(10),
    CHURNS(11),
    CHURN_TIME(12);

    private final long number;

    Trait(long number) {
      this.number = number;
    }
  }

  private long draw(int user, Trait trait, long bound) {
    return Long.remainderUnsigned(Hash.of(plan.seed(), user, trait.number), bound);
  }

  private static <T> T pick(List<T> list, long number) {
    return list.get((int) Long.remainderUnsigned(number, list.size()));
  }

  String id(int user) {
    return plan.userPrefix() + user;
  }

  Market market(int user) {
    return pick(MARKETS, draw(user, Trait.MARKET, MARKETS.size()));
  }

  int devices(int user) {
    return 1 + (int) draw(user, Trait.DEVICES, 3);
  }

  String device(int user, int which) {
    return "d-" + HEX.toHexDigits((draw(user, Trait.DEVICE, 1L << 40) << 4) + which, 12);
  }

  /** At home, by IPv6 where the line has it. */
  String homeIp(int user) {
    long home = draw(user, Trait.HOME, 1L << 48);
    return home % 5 < 2
        ? "2001:db8:" + group(home >> 8) + ":" + group(home >> 20) + "::" + group(home >> 32)
        : "10." + ((home >> 8) & 0xff) + "." + ((home >> 16) & 0xff) + "." + host(home >> 24);
  }

  /** On the way, behind the carrier's address, which others have too. */
  String mobileIp(int user) {
    long mobile = draw(user, Trait.MOBILE, 1L << 20);
    return "100." + (64 + mobile % 4) + "." + ((mobile >> 4) & 0x1f) + "." + host(mobile >> 9);
  }

  /** The last number of an IPv4 address, neither the network nor the broadcast. */
  static long host(long number) {
    return 1 + number % 254;
  }

  /** Four digits of an IPv6 address, not all zero. */
  static String group(long number) {
    return Long.toHexString(1 + number % 0xfffe);
  }

  boolean givesEmail(int user) {
    return draw(user, Trait.HAS_EMAIL, 100) < 70;
  }

  String email(int user) {
    long number = draw(user, Trait.EMAIL, 1L << 40);
    return pick(MOODS, number)
        + "."
        + pick(ANIMALS, number >> 8)
        + "."
        + user
        + "@example."
        + ((number >> 16) % 4 == 0 ? "org" : "com");
  }

  boolean givesPhone(int user) {
    return draw(user, Trait.HAS_PHONE, 100) < 45;
  }

  String phone(int user) {
    long number = draw(user, Trait.PHONE, 1L << 40);
    return pick(PHONES, number) + Long.toString(1_000 + (number >> 8) % 1_000).substring(1);
  }

  /** Whether the first visit is the first ever. */
  boolean isNew(int user) {
    return draw(user, Trait.NEW, 100) < 30;
  }

  /**
   * When the user begins no more visits, in microseconds; {@link #NEVER} for most. Never for user
   * 0, so that there is always somebody.
   */
  long leavesAt(int user) {
    if (user == 0
        || rings.memberOf(user) != null
        || draw(user, Trait.CHURNS, 100) >= CHURNERS_PERCENT) {
      return NEVER;
    }
    long period = Micros.of(Duration.ofDays(plan.days()));
    // Early enough to be told from a holiday, late enough to have been there.
    return Micros.of(plan.start()) + period / 4 + draw(user, Trait.CHURN_TIME, period / 2);
  }

  /** The ring that has bought in the user's name; null if none has. */
  @Nullable String ring(int user) {
    Ring ring = rings.memberOf(user);
    return ring == null || !ring.hasAttacked() ? null : ring.name();
  }
}
