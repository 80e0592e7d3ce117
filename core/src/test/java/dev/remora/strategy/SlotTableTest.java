package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotTableTest {

    private static final int SLOTS = 1 << 12;

    private static Contenders contenders(HashPool pool) {
        return new Contenders(pool.snapshot());
    }

    @Test
    void anUpdatedTableIsTheOneThatWouldBeMadeFromNothing() {
        for (int seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            HashPool pool = HashPool.equal(1 + random.nextInt(40));
            SlotTable table = SlotTable.of(contenders(pool), SLOTS);
            for (int step = 0; step < 100; step++) {
                for (int changes = random.nextInt(4); changes >= 0; changes--) {
                    pool.step(random);
                }
                if (pool.size() == 0) {
                    pool.add(1);
                }
                table = table.updated(contenders(pool));
                assertSame(table, SlotTable.of(contenders(pool), SLOTS), "seed " + seed + ", step " + step);
            }
        }
    }

    @Test
    void aTableOfVeryUnequalMembersIsTheBestOfAllOffers() {
        HashPool pool = HashPool.of(1e-100, 1e-6, 1, 3, 1e6, 1e6, 2e6);
        for (int slots : new int[] {8, 64, SLOTS}) {
            Contenders contenders = contenders(pool);
            SlotTable table = SlotTable.of(contenders, slots);
            FakeContext everybody = new FakeContext();
            for (int slot = 0; slot < slots; slot++) {
                assertThat(table.owner(slot)).isEqualTo(table.first(slot, everybody));
            }
        }
    }

    @Test
    void anUpdateThatChangesNothingKeepsTheTable() {
        HashPool pool = HashPool.of(1, 2, 3);
        SlotTable table = SlotTable.of(contenders(pool), SLOTS);
        assertThat(table.updated(contenders(pool))).isSameAs(table);
    }

    @Test
    void theTableBeforeStaysAsItWas() {
        HashPool pool = HashPool.of(1, 2, 3);
        Contenders first = contenders(pool);
        SlotTable table = SlotTable.of(first, SLOTS);
        table.updated(contenders(pool.add(5).weigh(0, 9).weigh(1, 0.5).remove(2)));
        assertSame(table, SlotTable.of(first, SLOTS), "the table before");
    }

    private static void assertSame(SlotTable actual, SlotTable expected, String description) {
        assertThat(actual.costs).as(description).isEqualTo(expected.costs);
        assertThat(owners(actual)).as(description).isEqualTo(owners(expected));
    }

    private static int[] owners(SlotTable table) {
        int[] owners = new int[table.slots()];
        Arrays.setAll(owners, table::owner);
        return owners;
    }

    @Test
    void moreWeightOnlyTakesAndLessOnlyGives() {
        HashPool pool = HashPool.of(1, 2, 3, 4, 5);
        int[] light = owners(SlotTable.of(contenders(pool), SLOTS));
        int[] heavy = owners(SlotTable.of(contenders(pool.weigh(2, 3.5)), SLOTS));
        int taken = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            assertThat(heavy[slot]).isIn(light[slot], 2);
            taken += heavy[slot] == light[slot] ? 0 : 1;
        }
        // From 3 of 15 to 3.5 of 15.5.
        assertThat((double) taken / SLOTS).isCloseTo(3.5 / 15.5 - 3.0 / 15, within(0.01));
    }

    @Test
    void aWeightThatRisesStepByStepMovesEachSlotAtMostOnce() {
        HashPool pool = HashPool.of(0.1, 1, 1, 1);
        SlotTable table = SlotTable.of(contenders(pool), SLOTS);
        BitSet won = new BitSet();
        for (double weight = 0.2; weight < 1.05; weight += 0.1) {
            int[] before = owners(table);
            table = table.updated(contenders(pool.weigh(0, weight)));
            for (int slot = 0; slot < SLOTS; slot++) {
                assertThat(table.owner(slot)).isIn(before[slot], 0);
            }
            BitSet now = new BitSet();
            for (int slot = 0; slot < SLOTS; slot++) {
                now.set(slot, table.owner(slot) == 0);
            }
            won.andNot(now);
            assertThat(won.isEmpty()).as("what it won it keeps").isTrue();
            won = now;
        }
    }

    @Test
    void sharesFollowTheWeights() {
        Random random = new Random(3);
        HashPool pool = new HashPool();
        random.ints(20, 1, 10).forEach(pool::add);
        Contenders contenders = contenders(pool);
        int[] counts = counts(SlotTable.of(contenders, 1 << 16), contenders.size());
        for (int i = 0; i < counts.length; i++) {
            double expected = contenders.weight(i) / contenders.totalWeight() * (1 << 16);
            assertThat(counts[i] / expected).as("slots of member %s", i).isCloseTo(1, within(0.07));
        }
    }

    @Test
    void theBusiestOfAHundredHasATenthMoreThanTheMean() {
        int[] counts = counts(SlotTable.of(contenders(HashPool.equal(100)), 1 << 16), 100);
        double mean = (1 << 16) / 100.0;
        double deviation = Math.sqrt(Arrays.stream(counts)
                .mapToDouble(count -> Math.pow(count / mean - 1, 2))
                .average()
                .orElseThrow());
        assertThat(deviation).isLessThan(0.035);
        assertThat(Arrays.stream(counts).max().orElseThrow() / mean).isLessThan(1.10);
    }

    private static int[] counts(SlotTable table, int members) {
        int[] counts = new int[members];
        for (int owner : owners(table)) {
            counts[owner]++;
        }
        return counts;
    }

    @Test
    void aTableOfTwoSlotsIsTheSmallest() {
        SlotTable table = SlotTable.of(contenders(HashPool.of(1, 1)), 2);
        assertThat(table.slot(0)).isZero();
        assertThat(table.slot(-1)).isBetween(0, 1);
        assertThat(table.owner(0)).isBetween(0, 1);
    }

    @Test
    void placeAndSlotLeadToEachOther() {
        for (int bits = 1; bits <= 24; bits++) {
            SlotOrder order = new SlotOrder(bits);
            int slots = 1 << bits;
            for (long seed : new long[] {0, -1, 0x123456789abcdefL}) {
                for (int i = 0; i < Math.min(slots, 5_000); i++) {
                    int slot = order.slot(seed, i);
                    assertThat(slot).isBetween(0, slots - 1);
                    assertThat(order.place(seed, slot)).isEqualTo(i);
                }
            }
        }
    }
}
