package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.Snapshot;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RendezvousHashTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.rendezvousHash();
    }

    @Override
    FakeContext next(FakeContext context, int round) {
        return context.key(AffinityKey.of("user-" + round).hash());
    }

    @Test
    void aMemberThatGoesMovesItsOwnKeysOnly() {
        Snapshot pool = FakeNode.pool(1, 2, 3, 1, 2);
        Picker before = strategy().picker(pool);
        Snapshot smaller =
                new Snapshot(2, IntStream.of(0, 1, 3, 4).mapToObj(pool::node).toList());
        Picker after = strategy().picker(smaller);
        FakeContext context = new FakeContext();
        for (int key = 0; key < 10_000; key++) {
            int owner = before.pick(next(context, key));
            int newOwner = after.pick(next(context, key));
            if (owner != 2) {
                assertThat(smaller.node(newOwner).backend().id())
                        .isEqualTo(pool.node(owner).backend().id());
            }
        }
    }

    @Test
    void theOrderOfTheListDoesNotMatter() {
        Snapshot pool = FakeNode.pool(1, 2, 3);
        Snapshot reversed =
                new Snapshot(1, IntStream.of(2, 1, 0).mapToObj(pool::node).toList());
        FakeContext context = new FakeContext();
        for (int key = 0; key < 1_000; key++) {
            int one = strategy().picker(pool).pick(next(context, key));
            int other = strategy().picker(reversed).pick(next(context, key));
            assertThat(other).isEqualTo(2 - one);
        }
    }

    @Test
    void requestsWithoutAKeyAreServedByTheOtherStrategy() {
        Strategy lastOne = snapshot -> context -> snapshot.size() - 1;
        Picker picker = Strategy.rendezvousHash(lastOne).picker(FakeNode.pool(1, 1, 1));
        assertThat(picker.pick(new FakeContext())).isEqualTo(2);
    }
}
