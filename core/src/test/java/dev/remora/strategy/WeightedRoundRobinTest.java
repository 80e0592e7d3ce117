package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.pool.Snapshot;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WeightedRoundRobinTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.roundRobin();
    }

    @Test
    void equalWeightsTakeTurns() {
        Picker picker = strategy().picker(FakeNode.pool(1, 1, 1));
        FakeContext context = new FakeContext();
        int[] picks = {picker.pick(context), picker.pick(context), picker.pick(context), picker.pick(context)};
        assertThat(picks).containsExactly(0, 1, 2, 0);
    }

    @Test
    void theSequenceGoesOnPastTheLargestInteger() {
        Snapshot pool = FakeNode.pool(1, 2, 1);
        for (int first : new int[] {Integer.MAX_VALUE - 10, -10}) {
            Picker picker = new WeightedRoundRobin(pool, new AtomicInteger(first));
            int[] counts = new int[3];
            for (int i = 0; i < 400; i++) {
                counts[picker.pick(new FakeContext())]++;
            }
            assertThat(counts[1]).as("half of the weight, from turn %s", first).isBetween(195, 205);
        }
    }

    @Test
    void aChangeOfTheMembersDoesNotBeginTheTurnsAnew() {
        Strategy strategy = strategy();
        FakeContext context = new FakeContext();
        Picker picker = strategy.picker(FakeNode.pool(1, 1, 1));
        int[] counts = new int[3];
        for (int i = 0; i < 300; i++) {
            counts[picker.pick(context)]++;
            picker = strategy.updated(picker, FakeNode.pool(1, 1, 1));
        }
        assertThat(counts).containsOnly(100);
    }

    @Test
    void aHeavyMemberDoesNotTakeItsShareInOneBurst() {
        Picker picker = strategy().picker(FakeNode.pool(4, 2, 2));
        FakeContext context = new FakeContext();
        int longestRun = 0;
        int run = 0;
        for (int i = 0; i < 800; i++) {
            run = picker.pick(context) == 0 ? run + 1 : 0;
            longestRun = Math.max(longestRun, run);
        }
        assertThat(longestRun).isLessThanOrEqualTo(2);
    }
}
