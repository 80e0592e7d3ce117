package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.pool.Backend;
import dev.remora.pool.Snapshot;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HaproxyConsistentHashTest extends HaproxyContract {

    @Override
    Strategy strategy() {
        return Strategy.haproxyConsistentHash();
    }

    @Override
    FakeContext next(FakeContext context, int round) {
        return context.key("user-" + round);
    }

    @Test
    void picksByKeyWhatHaproxyPicks() {
        assertAgrees("header", RecordedPick::byKey, Strategy::haproxyConsistentHash);
        assertAgrees("expression", RecordedPick::byKey, Strategy::haproxyConsistentHash);
    }

    @Test
    void picksByAddressWhatHaproxyPicks() {
        assertAgrees("source", RecordedPick::byAddress, Strategy::haproxySourceHash);
    }

    @Test
    void theAvalancheIsHaproxys() {
        assertThat(IntStream.of(0, 1, 4096, 4097, -1).map(HaproxyRing::avalanche))
                .containsExactly((int) 2_874_071_335L, 881_230_262, 1_237_450_891, (int) 2_761_370_759L, 2_120_532_354);
    }

    @Test
    void withoutIdsTheServersAreCountedFromOne() {
        Snapshot pool = FakeNode.pool(3, 1, 2);
        Picker counted = strategy().picker(pool);
        Picker named = Strategy.haproxyConsistentHash(HaproxyConsistentHashTest::numberFromOne)
                .picker(pool);
        FakeContext context = new FakeContext();
        for (int key = 0; key < 1_000; key++) {
            assertThat(counted.pick(next(context, key))).isEqualTo(named.pick(next(context, key)));
        }
    }

    @Test
    void membersThatCannotServeCountAsTakenOut() {
        Random random = new Random(5);
        FakeContext context = new FakeContext();
        Strategy strategy = Strategy.haproxyConsistentHash(HaproxyConsistentHashTest::numberFromOne);
        for (int round = 0; round < 60; round++) {
            // In the larger pools the next eligible member is far away.
            int size = round % 2 == 0 ? 6 : 300;
            Snapshot pool = FakeNode.pool(random.ints(size, 1, 30).toArray());
            BitSet eligible = new BitSet();
            random.ints(3, 0, size).forEach(eligible::set);
            Snapshot rest =
                    new Snapshot(2, eligible.stream().mapToObj(pool::node).toList());
            Picker whole = strategy.picker(pool);
            Picker reduced = strategy.picker(rest);
            for (int key = 0; key < 100; key++) {
                context.eligible = eligible::get;
                int picked = whole.pick(next(context, key));
                context.eligible = index -> true;
                assertThat(pool.node(picked)).isSameAs(rest.node(reduced.pick(next(context, key))));
            }
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
    void requestsWithoutAKeyOrWithAnEmptyOneAreServedInTurn() {
        Picker picker = strategy().picker(FakeNode.pool(1, 1, 1));
        FakeContext noKey = new FakeContext();
        FakeContext emptyKey = new FakeContext().key("");
        int[] picks = {picker.pick(noKey), picker.pick(emptyKey), picker.pick(noKey), picker.pick(emptyKey)};
        assertThat(picks).containsExactly(0, 1, 2, 0);
    }

    @Test
    void weightsThatHaproxyDoesNotKnowAreRefused() {
        assertThatThrownBy(() -> strategy().picker(FakeNode.pool(1, 257)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weight of node-1: 257.0 (expected: at most 256, as in HAProxy)");
        assertThatThrownBy(() -> strategy()
                        .picker(FakeNode.pool(
                                IntStream.generate(() -> 256).limit(1_025).toArray())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("total weight: more than 262144 ");
    }

    @Test
    void idsThatHaproxyCannotTellApartAreRefused() {
        for (int id : new int[] {0, -1, 7 + (1 << 20)}) {
            ToIntFunction<Backend> ids = backend -> backend.id().value().equals("node-0") ? 7 : id;
            assertThatThrownBy(() -> Strategy.haproxyConsistentHash(ids).picker(FakeNode.pool(1, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("server id: " + id + " (expected: >= 1, each one once, also modulo 1048576)");
        }
    }

    private static int numberFromOne(Backend backend) {
        return Integer.parseInt(backend.id().value().substring("node-".length())) + 1;
    }

    private static void assertAgrees(
            String method,
            BiFunction<RecordedPick, BitSet, FakeContext> context,
            Function<ToIntFunction<Backend>, Strategy> strategy) {
        List<RecordedPick> picks = RecordedPick.read("haproxy.tsv", method);
        assertThat(picks).hasSizeGreaterThan(150);
        for (RecordedPick recorded : picks) {
            Picker picker = strategy.apply(recorded.servers()::id)
                    .picker(recorded.servers().snapshot());
            assertThat(picker.pick(context.apply(recorded, new BitSet())))
                    .as(recorded.toString())
                    .isEqualTo(Integer.parseInt(recorded.answer()));
        }
    }
}
