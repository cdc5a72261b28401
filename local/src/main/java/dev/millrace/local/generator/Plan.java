package dev.millrace.local.generator;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * What to generate; equal plans give equal bytes, on any machine.
 *
 * @param seed another seed gives another shop
 * @param userPrefix what user ids begin with; changes nothing else
 * @param users how many there are; those who are rarely active may have no event
 * @param events number of lines, irregular ones included
 * @param start midnight or any other time from which the shop is open
 * @param days for how long; the last sessions run on for up to {@link #AFTERMATH}
 * @param irregular share of lines that are not one more event in order and in form: duplicates,
 *     conflicts, late, future and malformed ones, see {@link Kind}
 */
public record Plan(
    long seed,
    String userPrefix,
    int users,
    long events,
    Instant start,
    int days,
    double irregular) {

  /** A Monday that is past on any clock, so that no event is from the future by mistake. */
  public static final Instant START = Instant.parse("2026-01-05T00:00:00Z");

  public static final int DAYS = 28;
  public static final double IRREGULAR = 0.05;
  public static final String USER_PREFIX = "user-";

  /** How long after the last day the last sessions may end. */
  public static final Duration AFTERMATH = Duration.ofHours(6);

  static final int MAX_USERS = 10_000_000;

  /** Events of any kind lie at most so far before the start, and must lie after the year 2000. */
  private static final Instant EARLIEST_START = Instant.parse("2002-01-01T00:00:00Z");

  /** Beyond this the contract's bound on remembered ids would change outcomes. */
  private static final int MAX_EVENTS_PER_USER_AND_WEEK = 80_000;

  /**
   * Checks that it can be made.
   *
   * @throws IllegalArgumentException with what is wrong, for the person who asked
   */
  public Plan {
    require(users >= 1 && users <= MAX_USERS, "The number of users must be 1 to %,d", MAX_USERS);
    require(events >= 1, "The number of events must be 1 or more");
    require(days >= 1 && days <= 3_650, "The number of days must be 1 to 3650");
    require(!start.isBefore(EARLIEST_START), "The start must not be before %s", EARLIEST_START);
    require(irregular >= 0 && irregular <= 0.5, "The share of irregular events must be 0 to 0.5");
    // The busiest user has one session in √users, see Activity.
    double busiestWeek = 1.3 * events / StrictMath.sqrt(users) * Math.min(1, 7.0 / days);
    require(
        busiestWeek <= MAX_EVENTS_PER_USER_AND_WEEK,
        "The busiest user would have some %,.0f events a week; more than %,d are not remembered. Ask for more users or more days",
        busiestWeek,
        MAX_EVENTS_PER_USER_AND_WEEK);
  }

  /** A plan of the usual days and shares. */
  public static Plan of(long seed, String userPrefix, int users, long events) {
    return new Plan(seed, userPrefix, users, events, START, DAYS, IRREGULAR);
  }

  /** The end of the last day. */
  public Instant end() {
    return start.plus(Duration.ofDays(days));
  }

  long irregularEvents() {
    return (long) (events * irregular);
  }

  long regularEvents() {
    return events - irregularEvents();
  }

  private static void require(boolean condition, String message, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
    }
  }
}
