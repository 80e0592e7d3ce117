package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** At most three members of each pool, the others only in need. */
class SubsetTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.subset("gateway-1", 3, Strategy.leastConnections());
    }

    @Override
    @Test
    void anIdlePoolIsSharedByWeight() {
        Picker picker = strategy().picker(FakeNode.pool(1, 2, 3, 4));
        FakeContext context = new FakeContext();
        int picks = 60_000;
        double[] shares = new double[4];
        for (int i = 0; i < picks; i++) {
            shares[picker.pick(context)] += 1.0 / picks;
        }
        double weights = 0;
        for (int i = 0; i < 4; i++) {
            weights += shares[i] > 0 ? i + 1 : 0;
        }
        assertThat(shares).containsOnlyOnce(0);
        for (int i = 0; i < 4; i++) {
            assertThat(shares[i]).isCloseTo(shares[i] > 0 ? (i + 1) / weights : 0, within(0.01));
        }
    }
}
