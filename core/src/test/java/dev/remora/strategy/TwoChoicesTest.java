package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.pool.Snapshot;
import org.junit.jupiter.api.Test;

class TwoChoicesTest extends StrategyContract {

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
