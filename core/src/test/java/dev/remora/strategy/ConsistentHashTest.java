package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.pool.Snapshot;
import org.junit.jupiter.api.Test;

class ConsistentHashTest extends HashContract {

    @Override
    Strategy strategy(Strategy withoutKey) {
        // Smaller than the default, so that thousands of tables are quickly made.
        return Strategy.consistentHash().withoutKey(withoutKey).slots(1 << 13);
    }

    @Test
    void failingAndThenBeingRemovedMovesAKeyOnce() {
        HashPool pool = HashPool.of(1, 2, 3, 1, 2, 1, 7);
        Picker whole = strategy().picker(pool.snapshot());
        Snapshot smaller = pool.remove(6).remove(5).snapshot();
        Picker without = strategy().updated(whole, smaller);
        FakeContext unfit = new FakeContext();
        unfit.eligible = index -> index < 5;
        FakeContext fit = new FakeContext();
        for (int key = 0; key < 20_000; key++) {
            assertThat(whole.pick(next(unfit, key))).isEqualTo(without.pick(next(fit, key)));
        }
    }

    @Test
    void tableGrowsWithThePool() {
        assertThat(table(HashPool.equal(1)).slots()).isEqualTo(65_536);
        assertThat(table(HashPool.equal(256)).slots()).isEqualTo(65_536);
        assertThat(table(HashPool.equal(257)).slots()).isEqualTo(131_072);
        assertThat(table(HashPool.equal(1_000)).slots()).isEqualTo(262_144);
    }

    private static SlotTable table(HashPool pool) {
        return ((SlotPicker) Strategy.consistentHash().picker(pool.snapshot())).table();
    }

    @Test
    void aPoolThatOutgrowsItsTableAgreesWithOneOfThatSize() {
        HashPool pool = HashPool.equal(256);
        Strategy bySize = Strategy.consistentHash();
        Picker small = bySize.picker(pool.snapshot());
        Snapshot grown = pool.add(1).snapshot();
        assertThat(owners(bySize.updated(small, grown), grown)).isEqualTo(owners(bySize.picker(grown), grown));
    }

    @Test
    void aFixedTableMovesNoKeyWithoutNeedHoweverThePoolGrows() {
        Strategy fixed = Strategy.consistentHash().slots(1 << 17);
        HashPool pool = HashPool.equal(256);
        Snapshot before = pool.snapshot();
        Picker small = fixed.picker(before);
        Snapshot after = pool.add(1).snapshot();
        Picker large = fixed.updated(small, after);
        FakeContext context = new FakeContext();
        for (int key = 0; key < 20_000; key++) {
            int owner = large.pick(next(context, key));
            assertThat(owner).isIn(256, small.pick(context));
        }
    }

    @Test
    void slotsAreAPowerOfTwo() {
        for (int slots : new int[] {-2, 0, 1, 3, 65_537, 1 << 25, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> Strategy.consistentHash().slots(slots))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("slots: " + slots + " (expected: a power of two, 2 to 16777216)");
        }
    }

    @Test
    void moreMembersThanSlotsAreRefused() {
        Strategy small = Strategy.consistentHash().slots(4);
        Picker full = small.picker(HashPool.equal(4).snapshot());
        Snapshot tooMany = HashPool.equal(5).snapshot();
        String message = "backends: 5 (expected: at most 4, the slots of the table)";
        assertThatThrownBy(() -> small.picker(tooMany)).hasMessage(message);
        assertThatThrownBy(() -> small.updated(full, tooMany)).hasMessage(message);
    }

    @Test
    void moreThanSixtyFiveThousandMembersAreRefused() {
        Snapshot tooMany = HashPool.equal(65_537).snapshot();
        for (ConsistentHash strategy : new ConsistentHash[] {
            Strategy.consistentHash(), Strategy.consistentHash().slots(1 << 17)
        }) {
            assertThatThrownBy(() -> strategy.picker(tooMany))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("backends: 65537 (expected: at most 65536)");
        }
    }

    @Test
    void keysThatDifferLittleAreSpread() {
        Picker picker = strategy().picker(HashPool.equal(10).snapshot());
        int[] counts = new int[10];
        FakeContext context = new FakeContext();
        for (long key = 0; key < 10_000; key++) {
            counts[picker.pick(context.key(key))]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(850, 1_150);
        }
    }
}
