package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.pool.Snapshot;
import org.junit.jupiter.api.Test;

class LeastResponseTimeTest extends StrategyContract {

    private final FakeContext context = new FakeContext();

    @Override
    Strategy strategy() {
        return Strategy.leastResponseTime();
    }

    private static FakeNode node(Snapshot pool, int index) {
        return (FakeNode) pool.node(index);
    }

    private static Snapshot pair(double loadOfFirst, long nanosOfFirst, double loadOfSecond, long nanosOfSecond) {
        Snapshot pool = FakeNode.pool(1, 1);
        node(pool, 0).load = loadOfFirst;
        node(pool, 0).firstByteNanos = nanosOfFirst;
        node(pool, 1).load = loadOfSecond;
        node(pool, 1).firstByteNanos = nanosOfSecond;
        return pool;
    }

    // However the two are drawn.
    private void assertAlways(Snapshot pool, int expected) {
        Picker picker = strategy().picker(pool);
        for (int i = 0; i < 200; i++) {
            assertThat(picker.pick(context)).isEqualTo(expected);
        }
    }

    @Test
    void theFasterOneOfTwoIsPicked() {
        assertAlways(pair(0, 200_000_000, 0, 100_000_000), 1);
    }

    @Test
    void loadMakesAFastOneSlow() {
        assertAlways(pair(1, 200_000_000, 4, 100_000_000), 0);
    }

    @Test
    void errorsMakeAFastOneSlow() {
        Snapshot pool = pair(0, 100_000_000, 0, 1_000_000);
        node(pool, 1).errorPenalty = 128;
        assertAlways(pool, 0);
    }

    @Test
    void whoHasNotAnsweredYetIsComparedByLoad() {
        assertAlways(pair(3, 1, 2, 0), 1);
        assertAlways(pair(2, 1_000_000_000, 3, 0), 0);
    }

    @Test
    void whoHasNotAnsweredYetIsComparedByErrorsToo() {
        Snapshot pool = pair(3, 1_000_000_000, 0, 0);
        node(pool, 1).errorPenalty = 8;
        assertAlways(pool, 0);
    }

    @Test
    void twoAveragesThatHaveFadedAreComparedByLoad() {
        assertAlways(pair(3, 1, 2, 1_000), 1);
    }

    @Test
    void loadIsMeasuredAgainstWeightWhateverNumbersWeightsAreWrittenIn() {
        for (int unit : new int[] {1, 1_000}) {
            Snapshot pool = FakeNode.pool(3 * unit, unit);
            node(pool, 0).load = 8;
            node(pool, 1).load = 3;
            assertAlways(pool, 0);
            node(pool, 0).load = 10;
            assertAlways(pool, 1);
        }
    }
}
