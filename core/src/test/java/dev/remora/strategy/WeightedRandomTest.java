package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.pool.Snapshot;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightedRandomTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.random();
    }

    @Test
    void loadDoesNotMatter() {
        Snapshot pool = FakeNode.pool(1, 1);
        FakeNode.load(pool, 0, 1_000_000);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        int loaded = 0;
        for (int i = 0; i < 10_000; i++) {
            loaded += picker.pick(context) == 0 ? 1 : 0;
        }
        assertThat(loaded).isBetween(4_800, 5_200);
    }

    @Test
    void aLargePoolIsSharedByWeight() {
        int[] weights = new Random(5).ints(1_000, 1, 100).toArray();
        double total = new Random(5).ints(1_000, 1, 100).sum();
        Picker picker = strategy().picker(FakeNode.pool(weights));
        FakeContext context = new FakeContext();
        int picks = 2_000_000;
        int[] counts = new int[weights.length];
        for (int i = 0; i < picks; i++) {
            counts[picker.pick(context)]++;
        }
        for (int i = 0; i < weights.length; i++) {
            double expected = weights[i] / total * picks;
            // Five standard deviations.
            assertThat((double) counts[i]).isCloseTo(expected, within(5 * Math.sqrt(expected)));
        }
    }
}
