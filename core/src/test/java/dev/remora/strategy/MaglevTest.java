package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MaglevTest extends HashContract {

    @Override
    Strategy strategy(Strategy withoutKey) {
        return Strategy.maglev(withoutKey);
    }

    @Override
    double needlessMoves() {
        return 0.015;
    }

    @Test
    void fewSlotsMoveWithoutNeed() {
        Random random = new Random(4);
        for (int size : new int[] {2, 3, 4, 5, 7, 10, 30, 100, 300, 1_000}) {
            for (int heaviest : new int[] {1, 9}) {
                HashPool pool = new HashPool();
                random.ints(size, 1, heaviest + 1).forEach(pool::add);
                Contenders whole = new Contenders(pool.snapshot());
                int gone = random.nextInt(size);
                Contenders smaller = new Contenders(pool.remove(gone).snapshot());
                assertThat(needlessMoves(whole, smaller, gone))
                        .as("%s members of weight up to %s", size, heaviest)
                        .isLessThan(needlessMoves());
            }
        }
    }

    private static double needlessMoves(Contenders whole, Contenders smaller, int gone) {
        MaglevTable before = new MaglevTable(whole);
        MaglevTable after = new MaglevTable(smaller);
        int needless = 0;
        for (int slot = 0; slot < MaglevTable.SLOTS; slot++) {
            int owner = before.owner(slot);
            needless += owner == gone || whole.id(owner).equals(smaller.id(after.owner(slot))) ? 0 : 1;
        }
        return (double) needless / MaglevTable.SLOTS;
    }

    @Test
    void sharesFollowTheWeightsToWithinTwoSlots() {
        Random random = new Random(5);
        HashPool pool = new HashPool();
        random.ints(100, 1, 10).forEach(pool::add);
        Contenders contenders = new Contenders(pool.snapshot());
        MaglevTable table = new MaglevTable(contenders);
        int[] counts = new int[100];
        for (int slot = 0; slot < MaglevTable.SLOTS; slot++) {
            counts[table.owner(slot)]++;
        }
        for (int i = 0; i < 100; i++) {
            double expected = MaglevTable.SLOTS * contenders.weight(i) / contenders.totalWeight();
            assertThat(counts[i] - expected).as("member %s", i).isBetween(-2.0, 2.0);
        }
    }

    @Test
    void theLightestMemberHasASlotWhileThereIsOneForEach() {
        HashPool pool = HashPool.of(1e-9, 1_000_000);
        MaglevTable table = new MaglevTable(new Contenders(pool.snapshot()));
        int slots = 0;
        for (int slot = 0; slot < MaglevTable.SLOTS; slot++) {
            slots += table.owner(slot) == 0 ? 1 : 0;
        }
        assertThat(slots).isEqualTo(1);
    }

    @Test
    void everyHashFallsOnASlot() {
        assertThat(MaglevTable.slot(0)).isZero();
        Random random = new Random(6);
        int first = Integer.MAX_VALUE;
        int last = -1;
        for (int i = 0; i < 2_000_000; i++) {
            int slot = MaglevTable.slot(random.nextLong());
            first = Math.min(first, slot);
            last = Math.max(last, slot);
        }
        assertThat(first).isZero();
        assertThat(last).isEqualTo(MaglevTable.SLOTS - 1);
    }

    @Test
    void moreMembersThanSlotsAreRefused() {
        HashPool pool = HashPool.equal(MaglevTable.SLOTS + 1);
        assertThatThrownBy(() -> Strategy.maglev().picker(pool.snapshot()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backends: 65538 (expected: at most 65537, the slots of the table)");
    }

    @Test
    void anUpdateThatChangesNothingKeepsTheTable() {
        HashPool pool = HashPool.of(1, 2, 3);
        Picker before = Strategy.maglev().picker(pool.snapshot());
        Picker after = Strategy.maglev().updated(before, pool.snapshot());
        assertThat(owners(after, pool.snapshot())).isEqualTo(owners(before, pool.snapshot()));
    }
}
