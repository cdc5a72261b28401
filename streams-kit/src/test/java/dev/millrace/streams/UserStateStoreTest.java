package dev.millrace.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.state.StateCodec;
import dev.millrace.core.state.StateInput;
import dev.millrace.core.state.StateOutput;
import dev.millrace.core.state.UnreadableStateException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the store writes to its changelog, and what it makes of it again. */
class UserStateStoreTest {

  private record Written(Bytes key, byte[] value) {}

  /** Under one of the folds that have states beside each other. */
  private record User(long fold, String id) {}

  private static final StateCodec<List<Long>, Long> NUMBERS = numbers(ArrayList::new);

  /** How often one of {@link #counted()} made a state of bytes. */
  private int read;

  private StateCodec<List<Long>, Long> counted() {
    return numbers(
        () -> {
          read++;
          return new ArrayList<>();
        });
  }

  /**
   * Numbers in the order in which they came: any change lost, repeated or swapped shows. Some
   * hundred of them are a large state, and it becomes a small one again.
   */
  private static StateCodec<List<Long>, Long> numbers(Supplier<List<Long>> start) {
    return new StateCodec<>() {
      @Override
      public List<Long> start() {
        return start.get();
      }

      @Override
      public void apply(List<Long> state, Long change) {
        state.add(change);
        if (state.size() > 250) {
          state.subList(0, 200).clear();
        }
      }

      @Override
      public void write(List<Long> state, StateOutput out) {
        out.putCount(state.size());
        state.forEach(out::putSigned);
      }

      @Override
      public List<Long> read(StateInput in) {
        List<Long> state = start();
        for (int size = in.getSize(1); size > 0; size--) {
          state.add(in.getSigned());
        }
        in.requireEnd();
        return state;
      }

      @Override
      public void writeChange(Long change, StateOutput out) {
        out.putSigned(change);
      }

      @Override
      public Long readChange(StateInput in) {
        long change = in.getSigned();
        in.requireEnd();
        return change;
      }
    };
  }

  private final List<Written> log = new ArrayList<>();

  private static UserStateStore<List<Long>, Long> storeThatWritesTo(List<Written> log) {
    return storeThatWritesTo(log, fold -> NUMBERS);
  }

  private static UserStateStore<List<Long>, Long> storeThatWritesTo(
      List<Written> log, LongFunction<StateCodec<List<Long>, Long>> codecs) {
    @SuppressWarnings("unchecked") // a proxy of a generic type
    KeyValueStore<Bytes, byte[]> changelog =
        (KeyValueStore<Bytes, byte[]>)
            Proxy.newProxyInstance(
                UserStateStoreTest.class.getClassLoader(),
                new Class<?>[] {KeyValueStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("put")) {
                    log.add(new Written((Bytes) arguments[0], (byte[]) arguments[1]));
                    return null;
                  }
                  if (method.getName().equals("init") || method.getName().equals("close")) {
                    return null;
                  }
                  throw new UnsupportedOperationException(method.getName());
                });
    return new UserStateStore<>("numbers-by-user", codecs, changelog);
  }

  private static UserStateStore<List<Long>, Long> restored(List<Written> log) {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(new ArrayList<>());
    log.forEach(written -> restore(store, written));
    return store;
  }

  /** As the broker's cleaner: of what is before the place, only the last record of each key. */
  private static List<Written> compacted(List<Written> log, int before) {
    Set<Bytes> kept = new HashSet<>();
    List<Written> compacted = new ArrayList<>();
    for (int i = log.size() - 1; i >= 0; i--) {
      if (kept.add(log.get(i).key()) || i >= before) {
        compacted.add(0, log.get(i));
      }
    }
    return compacted;
  }

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverWasCompactedAndWhereverItStoppedTheSameStateComesAgain(long seed) {
    Random random = new Random(seed);
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    store.init(null, store);
    Map<User, List<Long>> twins = new HashMap<>();
    int users = 1 + random.nextInt(5);
    for (int i = random.nextInt(600); i >= 0; i--) {
      User user = new User(random.nextInt(2) * 300L, "user-" + random.nextInt(users));
      // Changes of many sizes, so that whole states come at irregular places.
      long change = random.nextLong() >> random.nextInt(64);
      store.apply(user.fold(), user.id(), change);
      NUMBERS.apply(twins.computeIfAbsent(user, any -> NUMBERS.start()), change);
      User asked = new User(random.nextInt(2) * 300L, "user-" + random.nextInt(users));
      assertThat(
              store.<List<Long>>readStandby(
                  store.openings(), asked.fold(), asked.id(), List::copyOf))
          .as("seed %d, %s", seed, asked)
          .isEqualTo(twins.get(asked));

      if (random.nextInt(40) == 0) {
        List<Written> kept = compacted(log, random.nextInt(log.size() + 1));
        log.clear();
        log.addAll(kept);
        store = random.nextBoolean() ? storeThatWritesTo(log) : store;
        if (store.size() == 0) {
          store.init(null, store);
          UserStateStore<List<Long>, Long> next = store;
          kept.forEach(written -> restore(next, written));
        }
        for (Map.Entry<User, List<Long>> twin : twins.entrySet()) {
          assertThat(store.state(twin.getKey().fold(), twin.getKey().id()))
              .as("seed %d, %s", seed, twin.getKey())
              .isEqualTo(twin.getValue());
        }
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aChangelogThatLacksARecordIsUnreadableOrMerelyOlderAndNeverWrong(long seed) {
    Random random = new Random(seed);
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    List<List<Long>> past = new ArrayList<>(List.of(List.of()));
    for (int i = 1 + random.nextInt(200); i > 0; i--) {
      store.apply("user", random.nextLong() >> random.nextInt(64));
      past.add(List.copyOf(store.state("user")));
    }
    List<Written> damaged = compacted(log, random.nextInt(log.size() + 1));
    damaged.remove(random.nextInt(damaged.size()));

    UserStateStore<List<Long>, Long> again = restored(damaged);
    try {
      assertThat(past).as("seed %d", seed).contains(again.state("user"));
    } catch (UnreadableStateException e) {
      assertThat(e).hasMessageContaining("numbers-by-user lacks changes");
    }
  }

  @Test
  void aRecordThatIsMissingInTheMiddleIsToldAndTheUserIsNotNamed() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    for (long i = 0; i < 5; i++) {
      store.apply("alice@example.org", i);
    }
    log.remove(2);
    UserStateStore<List<Long>, Long> again = restored(log);

    assertThatThrownBy(() -> again.state("alice@example.org"))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessage(
            "numbers-by-user lacks changes of a user before change 5; rebuild the state from its input");
    assertThatThrownBy(() -> again.apply("alice@example.org", 6L))
        .isInstanceOf(UnreadableStateException.class);
    assertThat(again.state("bob")).isEmpty();
  }

  private static boolean isOfAWholeState(Written written) {
    byte[] key = written.key().get();
    return key[key.length - 1] == 0;
  }

  @Test
  void anEventWritesOneRecordAndWholeStatesTakeAboutAsMuchAsTheChanges() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    for (long i = 0; i < 2_000; i++) {
      store.apply("user", Long.MAX_VALUE);
    }
    long changes = log.stream().filter(written -> !isOfAWholeState(written)).count();
    long bytesOfChanges =
        log.stream()
            .filter(written -> !isOfAWholeState(written))
            .mapToLong(written -> written.value().length)
            .sum();
    long bytes = log.stream().mapToLong(written -> written.value().length).sum();

    assertThat(log).hasSize(2_000);
    assertThat(changes).isLessThan(2_000 - 10);
    assertThat(bytes).isLessThan(2 * bytesOfChanges + 2_000);
  }

  @Test
  void aSmallStateIsAnObjectWhileItIsAtHandAndALargeOneAlways() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log, fold -> counted());
    store.apply("ann", 1L);
    store.apply("ann", 2L);
    assertThat(store.state("ann")).isEqualTo(List.of(1L, 2L));
    assertThat(read).as("one start").isEqualTo(1);

    store.apply("bob", 1L);
    store.apply("ann", 3L);
    assertThat(read).as("a start for bob, and ann once more").isEqualTo(3);

    for (long i = 4; i < 200; i++) {
      store.apply("ann", Long.MAX_VALUE);
    }
    store.state("bob");
    int before = read;
    store.apply("ann", 200L);
    assertThat(read).isEqualTo(before);
    assertThat(store.state("ann")).startsWith(1L, 2L, 3L).endsWith(200L);

    for (int i = 0; i < 1_500; i++) {
      store.apply("ann", 1L);
    }
    store.state("bob");
    before = read;
    store.state("ann");
    assertThat(read).as("small again").isEqualTo(before + 1);
  }

  @Test
  void restoringMakesNoObjectsOfSmallStatesAndALookupLeavesThemAsTheyAre() {
    UserStateStore<List<Long>, Long> written = storeThatWritesTo(log);
    for (int i = 0; i < 100; i++) {
      written.apply("user-" + i % 5, (long) i);
    }
    UserStateStore<List<Long>, Long> store =
        storeThatWritesTo(new ArrayList<>(), fold -> counted());
    store.init(null, store);
    log.forEach(record -> store.restore(record.key().get(), record.value()));
    store.serve();
    assertThat(read).as("the first, to see whether it can be read").isEqualTo(1);

    for (int asked = 1; asked <= 2; asked++) {
      assertThat(store.<Integer>read(0, "user-3", List::size)).isEqualTo(20);
      assertThat(read).isEqualTo(1 + asked);
    }
  }

  @Test
  void theStatesOfEachFoldHaveOneAtHand() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log, fold -> counted());
    for (long i = 0; i < 10; i++) {
      store.apply(0, "ann", i);
      store.apply(300, "ann", i);
    }

    assertThat(read).isEqualTo(2);
  }

  /** Not at the first event of a user, when it is ready and others wait for it. */
  @Test
  void aChangelogThatThisReleaseCannotReadStopsItWhileItRestores() {
    StateCodec<List<Long>, Long> later =
        new LaterFormat(
            () -> {
              throw new UnreadableStateException("in format 2");
            });
    UserStateStore<List<Long>, Long> written = storeThatWritesTo(log);
    for (long i = 0; i < 17; i++) {
      written.apply("ann", i);
    }
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(new ArrayList<>(), fold -> later);

    assertThatThrownBy(() -> restore(store, log.get(0)))
        .isInstanceOf(UnreadableStateException.class);
    assertThatThrownBy(() -> restore(store, log.get(15)))
        .isInstanceOf(UnreadableStateException.class);
  }

  /** Otherwise every event of the user would be quarantined, with a reason of its own. */
  @Test
  void aStateThatCannotBeMadeAgainIsUnreadableWhateverTheFaultIs() {
    UserStateStore<List<Long>, Long> written = storeThatWritesTo(log);
    written.apply("ann", 1L);
    written.apply("ann", 13L);
    UserStateStore<List<Long>, Long> store =
        storeThatWritesTo(
            new ArrayList<>(),
            fold ->
                numbers(
                    () ->
                        new ArrayList<>() {
                          @Override
                          public boolean add(Long number) {
                            if (number == 13) {
                              throw new ClassCastException("no number");
                            }
                            return super.add(number);
                          }
                        }));
    log.forEach(record -> restore(store, record));

    assertThatThrownBy(() -> store.state("ann"))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("A state in numbers-by-user can't be made again")
        .hasMessageContaining("no number")
        .hasCauseInstanceOf(ClassCastException.class);
    assertThat(store.state("bob")).isEmpty();
  }

  @Test
  void aStateThatCannotBeWrittenIsNoFaultOfTheEventThatWantsAnother() {
    UserStateStore<List<Long>, Long> store =
        storeThatWritesTo(
            log,
            fold ->
                numbers(
                    () ->
                        new ArrayList<>() {
                          @Override
                          public void forEach(Consumer<? super Long> action) {
                            throw new IllegalStateException("not to be written");
                          }
                        }));
    store.apply("ann", 1L);

    assertThatThrownBy(() -> store.apply("bob", 1L))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("A state in numbers-by-user can't be written")
        .hasMessageContaining("not to be written");
  }

  /** The array of a state is written over when it becomes bytes again. */
  @Test
  void whoLooksFromAnotherThreadSeesWholeStatesWhileTheyChange() throws Exception {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    store.init(null, store);
    store.serve();
    store.apply("ann", 0L);
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Long> looks =
        CompletableFuture.supplyAsync(
            () -> {
              long count = 0;
              while (!done.get()) {
                List<Long> seen = store.read(0, "ann", List::copyOf);
                for (int i = 1; i < seen.size(); i++) {
                  assertThat(seen.get(i)).isEqualTo(seen.get(i - 1) + 1);
                }
                count++;
              }
              return count;
            });
    long applied = 1;
    while (applied < 20_000 && !looks.isDone()) {
      store.apply("ann", applied++);
      store.state("bob");
      store.apply("cid", applied);
    }
    done.set(true);

    assertThat(looks.get(30, TimeUnit.SECONDS)).isPositive();
  }

  private static void restore(UserStateStore<List<Long>, Long> store, Written record) {
    store.restore(record.key().get(), record.value().clone());
  }

  /** Reads nothing. */
  private record LaterFormat(Supplier<List<Long>> reading) implements StateCodec<List<Long>, Long> {
    @Override
    public List<Long> start() {
      return NUMBERS.start();
    }

    @Override
    public void apply(List<Long> state, Long change) {
      NUMBERS.apply(state, change);
    }

    @Override
    public void write(List<Long> state, StateOutput out) {
      NUMBERS.write(state, out);
    }

    @Override
    public List<Long> read(StateInput in) {
      return reading.get();
    }

    @Override
    public void writeChange(Long change, StateOutput out) {
      NUMBERS.writeChange(change, out);
    }

    @Override
    public Long readChange(StateInput in) {
      return reading.get().get(0);
    }
  }

  @Test
  void aChangeThatFollowsALargeStateIsRestoredIntoIt() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    for (long i = 0; i < 240; i++) {
      store.apply("ann", Long.MAX_VALUE - i);
    }
    UserStateStore<List<Long>, Long> again =
        storeThatWritesTo(new ArrayList<>(), fold -> counted());
    compacted(log, log.size()).forEach(record -> again.restore(record.key().get(), record.value()));

    assertThat(read).isEqualTo(1);
    assertThat(again.state("ann")).isEqualTo(store.state("ann"));
  }

  @Test
  void usersWhoseNamesBeginAlikeAreKeptApart() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    List<String> users = List.of("", "a", "ab", "a\0\0\0\1", "ä", "\u0000");
    for (int i = 0; i < users.size(); i++) {
      for (long n = 0; n < 40; n++) {
        store.apply(users.get(i), 1_000L * i + n);
      }
    }
    UserStateStore<List<Long>, Long> again = restored(compacted(log, log.size()));

    assertThat(again.size()).isEqualTo(users.size());
    for (String user : users) {
      assertThat(again.state(user)).as(user).isEqualTo(store.state(user));
    }
  }

  @Test
  void readingAUserOfWhomNothingIsKnownRemembersNothing() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    store.init(null, store);
    store.serve();

    assertThat(store.<Integer>read(0, "nobody", List::size)).isNull();
    assertThat(store.state("nobody")).isEmpty();
    assertThat(store.size()).isZero();
    assertThat(log).isEmpty();
  }

  /** Whoever still holds a store that went must not take its users for unknown. */
  @Test
  void aStoreThatIsClosedSaysSoInsteadOfKnowingNobody() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    store.init(null, store);
    store.serve();
    store.apply("ann", 1L);
    long opening = store.openings();
    assertThat(store.<Integer>read(0, "ann", List::size)).isEqualTo(1);
    assertThat(store.<Integer>readStandby(opening, 0, "ann", List::size)).isEqualTo(1);

    store.close();

    assertThatThrownBy(() -> store.<Integer>readStandby(opening, 0, "ann", List::size))
        .isInstanceOf(InvalidStateStoreException.class)
        .hasMessageContaining("numbers-by-user is closed");
    store.init(null, store);
    assertThatThrownBy(() -> store.<Integer>readStandby(opening, 0, "ann", List::size))
        .isInstanceOf(InvalidStateStoreException.class)
        .hasMessageContaining("opened again");
  }

  /** Kafka Streams finds the store of a partition while it still restores it. */
  @Test
  void aStoreThatIsBeingRestoredDoesNotTellWhatHasArrivedAsTheWholeOfIt() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    store.apply("ann", 1L);
    store.apply("ann", 2L);
    UserStateStore<List<Long>, Long> again = storeThatWritesTo(new ArrayList<>());
    again.init(null, again);
    assertThatThrownBy(() -> again.<Integer>read(0, "ann", List::size))
        .isInstanceOf(InvalidStateStoreException.class)
        .hasMessageContaining("being restored");

    again.restore(log.get(0).key().get(), log.get(0).value());

    assertThatThrownBy(() -> again.<Integer>read(0, "ann", List::size))
        .isInstanceOf(InvalidStateStoreException.class);
    assertThat(again.<Integer>readStandby(again.openings(), 0, "ann", List::size)).isEqualTo(1);
    again.restore(log.get(1).key().get(), log.get(1).value());
    again.serve();
    assertThat(again.<Integer>read(0, "ann", List::size)).isEqualTo(2);
  }

  /** A lookup must say at once that it can't tell, whatever restoring waits for. */
  @Test
  void whileAFoldIsWaitedForTheStoreCanBeAsked() throws Exception {
    UserStateStore<List<Long>, Long> written = storeThatWritesTo(log);
    written.apply(7, "ann", 1L);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch known = new CountDownLatch(1);
    UserStateStore<List<Long>, Long> store =
        storeThatWritesTo(
            new ArrayList<>(),
            fold -> {
              asked.countDown();
              awaitUninterruptibly(known);
              return NUMBERS;
            });
    store.init(null, store);
    CompletableFuture<Void> restoring =
        CompletableFuture.runAsync(() -> store.restore(log.get(0).key().get(), log.get(0).value()));
    awaitUninterruptibly(asked);

    assertThatThrownBy(() -> store.<Integer>read(7, "ann", List::size))
        .isInstanceOf(InvalidStateStoreException.class);
    assertThat(store.<Integer>readStandby(store.openings(), 7, "ann", List::size)).isNull();

    known.countDown();
    restoring.get(30, TimeUnit.SECONDS);
    assertThat(store.<Integer>readStandby(store.openings(), 7, "ann", List::size)).isEqualTo(1);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited in vain");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aPartitionThatBecameAStandbyIsNotReadAsIfItWereProcessedHere() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);
    store.init(null, store);
    store.serve();
    store.apply("ann", 1L);
    store.apply("ann", 2L);

    store.restore(log.get(1).key().get(), log.get(1).value());

    assertThatThrownBy(() -> store.<Integer>read(0, "ann", List::size))
        .isInstanceOf(InvalidStateStoreException.class);
  }

  /** Neither the old state nor the new one: it is undone, and until then nobody may see it. */
  @Test
  void aChangeThatFailedHalfWayIsNotRead() {
    List<Long> neverFull =
        new ArrayList<>() {
          @Override
          public boolean add(Long number) {
            super.add(number);
            if (number == 13) {
              throw new IllegalStateException("half way");
            }
            return true;
          }
        };
    UserStateStore<List<Long>, Long> store =
        storeThatWritesTo(log, fold -> numbers(() -> neverFull));
    store.init(null, store);
    store.serve();
    store.apply("ann", 1L);
    assertThat(store.<Integer>read(0, "ann", List::size)).isEqualTo(1);

    assertThatThrownBy(() -> store.apply("ann", 13L)).hasMessage("half way");
    store.state("bob");

    assertThatThrownBy(() -> store.<Integer>read(0, "ann", List::size))
        .isInstanceOf(InvalidStateStoreException.class)
        .hasMessageContaining("half way");
  }

  @Test
  void keysThatThisReleaseDoesNotWriteAreUnreadable() {
    UserStateStore<List<Long>, Long> store = storeThatWritesTo(log);

    for (byte[] key :
        List.of(
            new byte[0],
            new byte[] {0, 0, 0, 9, 1},
            new byte[] {0, 0, 0, 1, 'a', 0},
            "user-1".getBytes(UTF_8))) {
      assertThatThrownBy(() -> store.restore(key, new byte[] {1}))
          .isInstanceOf(UnreadableStateException.class)
          .hasMessageContaining("rebuild the state");
    }
  }
}
