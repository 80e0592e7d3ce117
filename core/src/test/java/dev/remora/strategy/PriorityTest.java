package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.pool.Snapshot;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** Members with an even place come before those with an odd one. */
class PriorityTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.priority(backend -> backend.port() % 2, Strategy.powerOfTwoChoices());
    }

    @Override
    int rivals() {
        return 1;
    }

    @Override
    @Test
    void anIdlePoolIsSharedByWeight() {
        assertShares(index -> true, FakeNode.pool(1, 2, 3, 4), 0.25, 0, 0.75, 0);
    }

    @Override
    @Test
    void aHundredfoldWeightTakesAHundredfoldShare() {
        assertShares(index -> true, FakeNode.pool(100, 1, 1), 100 / 101.0, 0, 1 / 101.0);
    }

    @Override
    @Test
    void theOthersShareByWeightWhileTheHeaviestIsOut() {
        assertShares(index -> index != 0, FakeNode.pool(1_000, 1, 3, 1, 1), 0, 0.0333, 0.7, 0.0333, 0.2333);
    }

    private void assertShares(IntPredicate eligible, Snapshot pool, double... expected) {
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        context.eligible = eligible;
        int picks = 60_000;
        double[] shares = new double[expected.length];
        for (int i = 0; i < picks; i++) {
            shares[picker.pick(context)] += 1.0 / picks;
        }
        assertThat(shares).containsExactly(expected, within(0.01));
    }
}
