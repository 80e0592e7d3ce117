package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The contract within HAProxy's limits: weights of up to 256, and shares by chance. */
abstract class HaproxyContract extends StrategyContract {

    @Override
    int weightBound() {
        return 20;
    }

    // 16 points for each unit of weight: about two standard deviations of a member's share.
    @Override
    double tolerance() {
        return 0.12;
    }

    // HAProxy has no weight above 256.
    @Override
    @Test
    void theOthersShareByWeightWhileTheHeaviestIsOut() {
        assertShares(index -> index != 0, 250, 30, 10);
    }

    // HAProxy has no weight above 256.
    @Override
    @Test
    void theOnlyEligibleMemberIsFoundInALargePool() {
        Picker picker = strategy()
                .picker(FakeNode.pool(new Random(2).ints(1_000, 1, 256).toArray()));
        FakeContext context = new FakeContext();
        context.eligible = index -> index == 777;
        for (int round = 0; round < 50; round++) {
            assertThat(next(context, round).pickWith(picker)).isEqualTo(777);
        }
    }
}
