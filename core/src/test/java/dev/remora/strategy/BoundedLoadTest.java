package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The contract holds for a pool without load; bounds apart, it is consistent hashing. */
class BoundedLoadTest extends HashContract {

    private static final double FACTOR = 1.25;

    @Override
    Strategy strategy(Strategy withoutKey) {
        return Strategy.consistentHash().withoutKey(withoutKey).slots(1 << 13).boundedLoad(FACTOR);
    }

    @Test
    void aFactorIsAFiniteNumberOfAtLeastOne() {
        for (double factor : new double[] {0.99, 0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Strategy.consistentHash().boundedLoad(factor))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("boundedLoad factor: " + factor + " (expected: a finite number, at least 1)");
        }
        for (double hard : new double[] {1.2, Double.NaN}) {
            assertThatThrownBy(() -> Strategy.consistentHash().boundedLoad(FACTOR, hard))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("boundedLoad hardFactor: " + hard + " (expected: at least the factor, 1.25)");
        }
    }

    @Test
    void noMemberTakesANewClientAtItsCap() {
        for (double factor : new double[] {1, 1.1, 1.25, 2}) {
            walk(factor, false);
            walk(factor, true);
        }
    }

    // Streams come and go, most of them of a few hot keys; costs are whole, or of any size.
    private static void walk(double factor, boolean fractions) {
        Random random = new Random(11);
        int[] weights = {1, 1, 2, 3, 5, 8, 1, 1, 2, 10};
        Snapshot pool = FakeNode.pool(weights);
        Picker picker =
                Strategy.consistentHash().slots(1 << 12).boundedLoad(factor).picker(pool);
        FakeContext context = new FakeContext();
        List<Stream> open = new ArrayList<>();
        int target = 0;
        for (int step = 0; step < 30_000; step++) {
            target = step % 1_000 == 0 ? random.nextInt(500) : target;
            if (open.size() <= target) {
                int picked = picker.pick(context.key("key " + (int) Math.abs(random.nextGaussian() * 5)));
                double cap = Math.ceil(factor * (pool.load() + 1) * weights[picked] / 34);
                assertThat(pool.node(picked).load()).isLessThan(cap);
                open.add(open(pool, picked, fractions ? random.nextDouble() : 1));
            } else {
                Stream ended = open.remove(random.nextInt(open.size()));
                addLoad(pool, ended.member, -ended.cost);
            }
        }
    }

    private record Stream(int member, double cost) {}

    private static Stream open(Snapshot pool, int member, double cost) {
        addLoad(pool, member, cost);
        return new Stream(member, cost);
    }

    private static void addLoad(Snapshot pool, int member, double cost) {
        FakeNode.load(pool, member, Math.max(0, pool.node(member).load() + cost));
    }

    @Test
    void belowTheCapKeysAreAtHome() {
        Snapshot pool = FakeNode.pool(1, 2, 3, 4);
        for (int i = 0; i < 4; i++) {
            FakeNode.load(pool, i, 100 * (i + 1));
        }
        Picker unbounded = Strategy.consistentHash().slots(1 << 13).picker(pool);
        assertThat(owners(strategy().picker(pool), pool)).isEqualTo(owners(unbounded, pool));
    }

    @Test
    void theKeysOfAFullMemberSpreadOverAllOthersByWeight() {
        int[] weights = {4, 1, 2, 3, 4, 5, 1};
        Snapshot pool = FakeNode.pool(weights);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        List<String> keys = new ArrayList<>();
        for (int key = 0; keys.size() < 20_000; key++) {
            if (picker.pick(context.key("key " + key)) == 0) {
                keys.add("key " + key);
            }
        }
        FakeNode.load(pool, 0, 100);
        int[] counts = new int[weights.length];
        for (String key : keys) {
            counts[picker.pick(context.key(key))]++;
        }
        assertThat(counts[0]).isZero();
        for (int i = 1; i < weights.length; i++) {
            assertThat((double) counts[i] / keys.size()).isCloseTo(weights[i] / 16.0, within(0.02));
        }
    }

    @Test
    void aKeyThatIsAwayStaysWhereItIsWhenAThirdMemberGoes() {
        Snapshot whole = FakeNode.pool(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        FakeNode.load(whole, 3, 100);
        Snapshot smaller = new Snapshot(2, whole.nodes().subList(0, 9));
        Picker before = strategy().picker(whole);
        Picker after = strategy().updated(before, smaller);
        FakeContext context = new FakeContext();
        for (int key = 0; key < 10_000; key++) {
            int member = before.pick(next(context, key));
            assertThat(member).isNotEqualTo(3);
            if (member != 9) {
                assertThat(after.pick(context)).isEqualTo(member);
            }
        }
    }

    @Test
    void theOnlyMemberWithRoomIsFound() {
        int[] weights = new int[500];
        Arrays.fill(weights, 1);
        Snapshot pool = FakeNode.pool(weights);
        for (int i = 0; i < pool.size(); i++) {
            FakeNode.load(pool, i, i == 321 ? 0 : 1_000);
        }
        Picker picker = Strategy.consistentHash().slots(1 << 13).boundedLoad(1).picker(pool);
        FakeContext context = new FakeContext();
        for (int key = 0; key < 1_000; key++) {
            assertThat(picker.pick(next(context, key))).isEqualTo(321);
        }
    }

    @Test
    void theCapGivesWayWhenOnlyUnfitMembersHaveRoom() {
        Snapshot pool = FakeNode.pool(1, 1, 1, 1);
        FakeNode.load(pool, 0, 50);
        FakeNode.load(pool, 1, 50);
        FakeContext context = new FakeContext();
        context.eligible = index -> index < 2;
        Picker unbounded = Strategy.consistentHash().slots(1 << 13).picker(pool);
        Picker picker = strategy().picker(pool);
        for (int key = 0; key < 1_000; key++) {
            assertThat(picker.pick(next(context, key))).isEqualTo(unbounded.pick(context));
        }
    }

    @Test
    void theBoundHoldsAmongTheOthersWhileManyAreOut() {
        int[] weights = new int[100];
        Arrays.fill(weights, 1);
        Snapshot pool = FakeNode.pool(weights);
        Picker picker = Strategy.consistentHash().boundedLoad(1.25).picker(pool);
        FakeContext context = new FakeContext();
        context.eligible = index -> index >= 40;
        int streams = 6_000;
        for (int i = 0; i < streams; i++) {
            // A third of all streams has the same key.
            int picked = context.key(
                            AffinityKey.of(i % 3 == 0 ? "hot" : "user-" + i).hash())
                    .pickWith(picker);
            addLoad(pool, picked, 1);
        }
        double mean = streams / 60.0;
        assertThat(pool.nodes()).allSatisfy(node -> assertThat(node.load()).isLessThanOrEqualTo(1.25 * mean + 1));
    }

    @Test
    void theTotalIsTheSnapshotsOwnCount() {
        Snapshot nodes = FakeNode.pool(1, 1);
        FakeNode.load(nodes, 0, 90);
        FakeNode.load(nodes, 1, 90);
        double[] total = {180};
        Snapshot counted = new Snapshot(1, nodes.nodes(), () -> total[0]);
        Picker picker = strategy().picker(counted);
        FakeContext context = new FakeContext().key("a");
        int home = picker.pick(context);
        FakeNode.load(nodes, home, 130);
        assertThat(picker.pick(context)).isEqualTo(1 - home);
        total[0] = 1_000;
        assertThat(picker.pick(context)).isEqualTo(home);
    }

    @Test
    void boundClientsStayUpToTheHardCap() {
        Snapshot pool = FakeNode.pool(1, 1, 1, 1);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext();
        for (boolean keyed : new boolean[] {true, false}) {
            context.keyed = keyed;
            // Of 100 in all, the cap is 32, and the hard cap is ceil(2.5 * 101 / 4) = 64.
            FakeNode.load(pool, 0, 63);
            FakeNode.load(pool, 1, 37);
            assertThat(picker.keeps(context, 0)).isTrue();
            FakeNode.load(pool, 0, 64);
            FakeNode.load(pool, 1, 36);
            assertThat(picker.keeps(context, 0)).isFalse();
            assertThat(picker.keeps(context, 1)).isTrue();
        }
    }

    @Test
    void boundClientsStayWhereLittleIsGoingOn() {
        Snapshot pool = FakeNode.pool(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        Picker picker = strategy().picker(pool);
        FakeContext context = new FakeContext().key("a");
        FakeNode.load(pool, 4, 7.5);
        assertThat(picker.keeps(context, 4)).isTrue();
        FakeNode.load(pool, 4, 8);
        assertThat(picker.keeps(context, 4)).isFalse();
    }

    @Test
    void anInfiniteHardFactorLetsBoundClientsAlwaysStay() {
        Snapshot pool = FakeNode.pool(1, 1);
        Picker picker = Strategy.consistentHash()
                .slots(1 << 10)
                .boundedLoad(1, Double.POSITIVE_INFINITY)
                .picker(pool);
        FakeNode.load(pool, 0, 1e9);
        assertThat(picker.keeps(new FakeContext().key("a"), 0)).isTrue();
    }
}
