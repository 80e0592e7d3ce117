package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.pool.Snapshot;
import java.util.BitSet;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** What every strategy owes to its callers. Each one inherits these tests. */
abstract class StrategyContract {

    private static final int PICKS = 60_000;

    abstract Strategy strategy();

    /** The context of one pick among many; keyed strategies get another key each time. */
    FakeContext next(FakeContext context, int round) {
        return context;
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
        for (int round = 0; round < 2_000; round++) {
            int size = 1 + random.nextInt(12);
            Picker picker =
                    strategy().picker(FakeNode.pool(random.ints(size, 1, 100).toArray()));
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

    @Test
    void anIdlePoolIsSharedByWeight() {
        assertShares(index -> true, 1, 2, 3, 4);
    }

    @Test
    void aHundredfoldWeightTakesAHundredfoldShare() {
        assertShares(index -> true, 100, 1, 1);
    }

    @Test
    void theOthersShareByWeightWhileTheHeaviestIsOut() {
        assertShares(index -> index != 0, 1_000, 3, 1);
    }

    private void assertShares(IntPredicate eligible, int... weights) {
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
                    .isCloseTo(expected, within(0.01));
        }
    }
}
