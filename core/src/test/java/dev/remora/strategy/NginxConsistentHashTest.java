package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.pool.Snapshot;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NginxConsistentHashTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.nginxConsistentHash();
    }

    @Override
    FakeContext next(FakeContext context, int round) {
        return context.key("user-" + round);
    }

    @Override
    int weightBound() {
        return 5;
    }

    // 160 points for each unit of weight: two standard deviations of a member's share.
    @Override
    double tolerance() {
        return 0.05;
    }

    // The contract's pool would need 80 million points; this one needs a thousandth of the weight.
    @Override
    @Test
    void theOnlyEligibleMemberIsFoundInALargePool() {
        Picker picker = strategy()
                .picker(FakeNode.pool(IntStream.generate(() -> 1).limit(1_000).toArray()));
        FakeContext context = new FakeContext();
        context.eligible = index -> index == 777;
        for (int round = 0; round < 50; round++) {
            assertThat(next(context, round).pickWith(picker)).isEqualTo(777);
        }
    }

    @Test
    void aMemberThatWarmsUpOnlyTakes() {
        List<Picker> pickers = IntStream.rangeClosed(1, 20)
                .mapToObj(step -> strategy().picker(WarmingPool.of(step / 20.0)))
                .toList();
        for (int key = 0; key < 2_000; key++) {
            FakeContext context = next(new FakeContext(), key);
            int owner = pickers.get(0).pick(context);
            for (Picker picker : pickers) {
                int newOwner = picker.pick(context);
                assertThat(newOwner).isIn(owner, 1);
                owner = newOwner;
            }
        }
    }

    @Test
    void picksWhatNginxPicks() {
        NginxRecording.assertAgrees("hash_consistent", RecordedPick::byKey, NginxConsistentHash::new);
    }

    @Test
    void theRingIsNginxs() {
        Snapshot servers = new Snapshot(
                1,
                List.of(
                        RecordedPick.server(1, "127.0.0.1:19081", 1),
                        RecordedPick.server(2, "127.0.0.1:19082", 2),
                        RecordedPick.server(3, "127.0.0.1:19083", 1)));
        HashRing ring = new NginxConsistentHash(servers).ring();
        assertThat(ring.size()).isEqualTo(640);
        assertThat(IntStream.range(0, 8).map(ring::hash))
                .containsExactly(
                        1_695_441, 4_922_421, 5_299_843, 18_028_819, 23_680_697, 25_143_387, 43_841_301, 72_615_200);
        assertThat(IntStream.range(0, 8).map(ring::owner)).containsExactly(2, 2, 1, 1, 2, 1, 0, 1);
    }

    @Test
    void aMemberThatGoesMovesItsOwnKeysOnly() {
        Snapshot pool = FakeNode.pool(1, 2, 3, 1, 2);
        Snapshot smaller =
                new Snapshot(2, IntStream.of(0, 1, 3, 4).mapToObj(pool::node).toList());
        Picker before = strategy().picker(pool);
        Picker after = strategy().picker(smaller);
        FakeContext context = new FakeContext();
        for (int key = 0; key < 10_000; key++) {
            int owner = before.pick(next(context, key));
            int newOwner = after.pick(next(context, key));
            if (owner != 2) {
                assertThat(smaller.node(newOwner)).isSameAs(pool.node(owner));
            }
        }
    }

    @Test
    void membersWithTheSameAddressTakeTurnsByWeight() {
        Picker picker = strategy()
                .picker(new Snapshot(
                        1,
                        List.of(
                                RecordedPick.server(0, "chat:80", 1),
                                RecordedPick.server(1, "chat:80", 3),
                                RecordedPick.server(2, "chat:80", 2))));
        FakeContext context = new FakeContext().key("somebody");
        assertThat(IntStream.range(0, 7).map(i -> picker.pick(context))).containsExactly(1, 2, 0, 1, 2, 1, 1);
        context.eligible = index -> index != 1;
        int[] counts = new int[3];
        for (int i = 0; i < 300; i++) {
            counts[picker.pick(context)]++;
        }
        assertThat(counts).containsExactly(100, 0, 200);
    }

    @Test
    void requestsWithoutAKeyOrWithAnEmptyOneAreServedInTurn() {
        Picker picker = strategy().picker(FakeNode.pool(1, 1, 1));
        FakeContext noKey = new FakeContext();
        FakeContext emptyKey = new FakeContext().key("");
        int[] picks = {picker.pick(noKey), picker.pick(emptyKey), picker.pick(noKey), picker.pick(emptyKey)};
        assertThat(picks).containsExactly(0, 1, 2, 0);
    }

    @Test
    void weightsThatWouldMakeAHugeRingAreRefused() {
        assertThat(strategy().picker(FakeNode.pool(26_213, 1))).isNotNull();
        assertThatThrownBy(() -> strategy().picker(FakeNode.pool(26_213, 1, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "total weight: 26215 (expected: at most 26214, since each unit is 160 points of nginx's ring)");
        assertThatThrownBy(() -> strategy()
                        .picker(FakeNode.pool(
                                IntStream.generate(() -> 1_000_000).limit(4_000).toArray())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("total weight: 4000000000 ");
    }
}
