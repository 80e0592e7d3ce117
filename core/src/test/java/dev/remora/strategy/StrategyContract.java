package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every strategy owes to its callers. Each one inherits these tests. */
abstract class StrategyContract {

    private static final int PICKS = 60_000;
    private static final int THREADS = 4;

    abstract Strategy strategy();

    /** The context of one pick among many; keyed strategies get another key each time. */
    FakeContext next(FakeContext context, int round) {
        return context;
    }

    /** How far a member's share may be from that of its weight. */
    double tolerance() {
        return 0.01;
    }

    /** Whether it goes by the weights of the moment; a few go by those configured, as the server they follow does. */
    boolean warmsUp() {
        return true;
    }

    /** How many of three members, besides the last one, are served while all are eligible. */
    int rivals() {
        return 2;
    }

    /** What random weights are below; less where weight costs memory and time. */
    int weightBound() {
        return 100;
    }

    @Test
    void anEmptyPoolYieldsNothing() {
        assertThat(strategy().picker(FakeNode.pool()).pick(new FakeContext())).isEqualTo(Picker.NONE);
    }

    @Test
    void aPoolOfOneYieldsThatOne() {
        assertThat(strategy().picker(FakeNode.pool(7)).pick(new FakeContext())).isZero();
    }

    @Test
    void onlyEligibleMembersArePicked() {
        Random random = new Random(1);
        FakeContext context = new FakeContext();
        int size = 0;
        Picker picker = strategy().picker(FakeNode.pool());
        for (int round = 0; round < 2_000; round++) {
            if (round % 10 == 0) {
                size = 1 + random.nextInt(12);
                picker = strategy()
                        .picker(FakeNode.pool(
                                random.ints(size, 1, weightBound()).toArray()));
            }
            BitSet eligible = new BitSet();
            random.ints(random.nextInt(size + 1), 0, size).forEach(eligible::set);
            context.eligible = eligible::get;
            int picked = next(context, round).pickWith(picker);
            if (eligible.isEmpty()) {
                assertThat(picked).as("nobody is eligible").isEqualTo(Picker.NONE);
            } else {
                assertThat(eligible.get(picked))
                        .as("pick %s of eligible %s", picked, eligible)
                        .isTrue();
            }
        }
    }

    @Test
    void theOnlyEligibleMemberIsFoundInALargePool() {
        int[] weights = new Random(2).ints(1_000, 1, 1_000).toArray();
        Picker picker = strategy().picker(FakeNode.pool(weights));
        FakeContext context = new FakeContext();
        context.eligible = index -> index == 777;
        for (int round = 0; round < 50; round++) {
            assertThat(next(context, round).pickWith(picker)).isEqualTo(777);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY})
    void aWeightThatIsNoneIsRefusedWhenThePickerIsMade(double weight) {
        Snapshot pool = FakeNode.pool(1, 2, 3);
        Strategy strategy = strategy();
        Picker before = strategy.picker(pool);
        FakeNode.weight(pool, 1, weight);
        String message = "weight of node-1: " + weight + " (expected: a finite number above 0)";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> strategy.picker(pool))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> strategy.updated(before, pool))
                .withMessage(message);
    }

    @Test
    void aPickerMadeFromTheOneBeforeFitsItsOwnMembers() {
        Random random = new Random(3);
        FakeContext context = new FakeContext();
        Strategy strategy = strategy();
        Picker picker = strategy.picker(FakeNode.pool());
        for (int change = 0; change < 100; change++) {
            int size = random.nextInt(20);
            picker = strategy.updated(
                    picker, FakeNode.pool(random.ints(size, 1, weightBound()).toArray()));
            int only = size == 0 ? Picker.NONE : random.nextInt(size);
            context.eligible = index -> index == only;
            assertThat(next(context, change).pickWith(picker))
                    .as("the only eligible one of %s", size)
                    .isEqualTo(only);
        }
    }

    @Test
    void picksStayValidWhileTheMembersChange() throws Exception {
        Strategy strategy = strategy();
        AtomicReference<Version> current = new AtomicReference<>(new Version(strategy.picker(FakeNode.pool(1)), 1));
        AtomicBoolean changing = new AtomicBoolean(true);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> pickers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                pickers.add(threads.submit(() -> pickWhile(changing, current)));
            }
            Random random = new Random(4);
            for (int change = 0; change < 100; change++) {
                int size = random.nextInt(40);
                Picker before = current.get().picker();
                Snapshot pool =
                        FakeNode.pool(random.ints(size, 1, weightBound()).toArray());
                current.set(new Version(strategy.updated(before, pool), size));
            }
            changing.set(false);
            for (Future<?> picker : pickers) {
                picker.get(1, TimeUnit.MINUTES);
            }
        } finally {
            changing.set(false);
            threads.shutdownNow();
        }
    }

    private record Version(Picker picker, int size) {}

    // Each thread picks at least once from what is there after the last change.
    private void pickWhile(AtomicBoolean changing, AtomicReference<Version> current) {
        FakeContext context = new FakeContext();
        boolean last;
        int round = 0;
        do {
            last = !changing.get();
            Version version = current.get();
            // All but every third member, in another way each time.
            int out = round % 3;
            context.eligible = index -> index % 3 != out;
            int picked = next(context, round++).pickWith(version.picker());
            boolean somebody = version.size() > (out == 0 ? 1 : 0);
            if (somebody) {
                assertThat(picked).isBetween(0, version.size() - 1);
                assertThat(picked % 3).as("pick %s", picked).isNotEqualTo(out);
            } else {
                assertThat(picked).isEqualTo(Picker.NONE);
            }
        } while (!last);
    }

    @Test
    void anIdlePoolIsSharedByWeight() {
        assertShares(index -> true, 1, 2, 3, 4);
    }

    @Test
    void aHundredfoldWeightTakesAHundredfoldShare() {
        assertShares(index -> true, 100, 1, 1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.4, 0.7, 1})
    void aMemberThatWarmsUpHasThatPartOfItsShare(double part) {
        Snapshot pool = FakeNode.pool(10, 10, 10);
        Picker before = strategy().picker(pool);
        Snapshot warming = FakeNode.pool(10, 10, 10);
        FakeNode.weight(warming, 2, 10 * part);
        Picker picker = strategy().updated(before, warming);
        FakeContext context = new FakeContext();
        int onIt = 0;
        for (int round = 0; round < PICKS; round++) {
            onIt += next(context, round).pickWith(picker) == 2 ? 1 : 0;
        }
        double counted = warmsUp() ? part : 1;
        assertThat((double) onIt / PICKS).isCloseTo(counted / (rivals() + counted), within(tolerance()));
    }

    @Test
    void theOthersShareByWeightWhileTheHeaviestIsOut() {
        assertShares(index -> index != 0, 1_000, 3, 1);
    }

    final void assertShares(IntPredicate eligible, int... weights) {
        Snapshot pool = FakeNode.pool(weights);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        context.eligible = eligible;
        int[] counts = new int[weights.length];
        for (int round = 0; round < PICKS; round++) {
            counts[next(context, round).pickWith(picker)]++;
        }
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            total += eligible.test(i) ? weights[i] : 0;
        }
        for (int i = 0; i < weights.length; i++) {
            double expected = eligible.test(i) ? weights[i] / total : 0;
            assertThat((double) counts[i] / PICKS)
                    .as("share of member %s with weight %s", i, weights[i])
                    .isCloseTo(expected, within(tolerance()));
        }
    }
}
