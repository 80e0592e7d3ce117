package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.pool.Snapshot;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeastConnectionsTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.leastConnections();
    }

    @Test
    void theLeastLoadedOfASmallPoolIsAlwaysFound() {
        Random random = new Random(6);
        for (int round = 0; round < 1_000; round++) {
            Snapshot pool = FakeNode.pool(random.ints(64, 1, 10).toArray());
            int least = random.nextInt(64);
            for (int i = 0; i < 64; i++) {
                FakeNode.load(pool, i, pool.node(i).weight() * (i == least ? 2 : 3 + random.nextInt(9)));
            }
            assertThat(strategy().picker(pool).pick(new FakeContext())).isEqualTo(least);
        }
    }

    @Test
    void thoseThatAreEqualShareByWeight() {
        Snapshot pool = FakeNode.pool(1, 3, 1, 1);
        FakeNode.load(pool, 0, 2);
        FakeNode.load(pool, 1, 6);
        FakeNode.load(pool, 2, 2.5);
        FakeNode.load(pool, 3, 9);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        double[] counts = new double[4];
        for (int i = 0; i < 40_000; i++) {
            counts[picker.pick(context)]++;
        }
        assertThat(counts[0]).isCloseTo(10_000, within(500.0));
        assertThat(counts[1]).isCloseTo(30_000, within(500.0));
    }

    @Test
    void theMostLoadedOnesOfALargePoolAreNotPicked() {
        int[] weights = new int[65];
        Arrays.fill(weights, 1);
        Snapshot pool = FakeNode.pool(weights);
        for (int i = 0; i < weights.length; i++) {
            FakeNode.load(pool, i, i);
        }
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        for (int i = 0; i < 10_000; i++) {
            assertThat(picker.pick(context))
                    .as("the best of four distinct ones")
                    .isLessThanOrEqualTo(61);
        }
    }
}
