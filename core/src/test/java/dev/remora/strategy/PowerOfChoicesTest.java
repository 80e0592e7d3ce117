package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.pool.Snapshot;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowerOfChoicesTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.powerOfTwoChoices();
    }

    @Test
    void ofTwoMembersTheLessLoadedOneIsAlwaysPicked() {
        Snapshot pool = FakeNode.pool(1, 1);
        FakeNode.load(pool, 0, 5);
        FakeNode.load(pool, 1, 3);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        for (int i = 0; i < 1_000; i++) {
            assertThat(picker.pick(context)).isEqualTo(1);
        }
    }

    @Test
    void loadIsMeasuredAgainstWeight() {
        Snapshot pool = FakeNode.pool(10, 1);
        FakeNode.load(pool, 0, 9);
        FakeNode.load(pool, 1, 1);
        Picker picker = strategy().picker(pool);
        assertThat(picker.pick(new FakeContext())).isZero();
    }

    @Test
    void theTwoDrawsAreNeverTheSameMember() {
        // The busiest of three can only be picked if it is drawn twice.
        Snapshot pool = FakeNode.pool(1_000, 1, 1);
        FakeNode.load(pool, 0, 1_000_000);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        for (int i = 0; i < 1_000; i++) {
            assertThat(picker.pick(context)).isNotZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void noneOfTheDrawsIsOfAMemberDrawnBefore(int choices) {
        // As many members as draws: each is looked at, so the idle one is always found, however light.
        int[] weights = IntStream.range(0, choices).map(i -> i == 0 ? 1 : 1_000).toArray();
        Snapshot pool = FakeNode.pool(weights);
        IntStream.range(1, choices).forEach(i -> FakeNode.load(pool, i, 10_000));
        Picker picker = Strategy.powerOfChoices(choices).picker(pool);
        FakeContext context = new FakeContext();
        for (int i = 0; i < 1_000; i++) {
            assertThat(picker.pick(context)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, 0, 1, 5, 7})
    void otherNumbersOfChoicesAreRefused(int choices) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Strategy.powerOfChoices(choices))
                .withMessage("choices: " + choices + " (expected: 2 to 4)");
    }

    @Test
    void openStreamsSpreadEvenly() {
        Snapshot pool = FakeNode.pool(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        for (int i = 0; i < 10_000; i++) {
            int picked = picker.pick(context);
            FakeNode.load(pool, picked, pool.node(picked).load() + 1);
        }
        pool.nodes().forEach(node -> assertThat(node.load()).isBetween(990.0, 1_010.0));
    }
}
