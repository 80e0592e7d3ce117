package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.pool.Snapshot;
import org.junit.jupiter.api.Test;

class RendezvousHashTest extends HashContract {

    @Override
    Strategy strategy(Strategy withoutKey) {
        return Strategy.rendezvousHash(withoutKey);
    }

    @Test
    void failingAndThenBeingRemovedMovesAKeyOnce() {
        HashPool pool = HashPool.of(1, 2, 3, 1, 2);
        Picker whole = strategy().picker(pool.snapshot());
        Snapshot smaller = pool.remove(4).snapshot();
        Picker without = strategy().picker(smaller);
        FakeContext context = new FakeContext();
        context.eligible = index -> index != 4;
        for (int key = 0; key < 10_000; key++) {
            assertThat(whole.pick(next(context, key))).isEqualTo(without.pick(context));
        }
    }

    @Test
    void skippedLogarithmsChangeNothing() {
        Contenders contenders =
                new Contenders(HashPool.of(1, 2, 3, 4, 1000, 1e-3).snapshot());
        FakeContext context = new FakeContext();
        for (int key = 0; key < 10_000; key++) {
            long hash = next(context, key).keyHash();
            int best = 0;
            for (int i = 1; i < contenders.size(); i++) {
                best = fullCost(contenders, hash, i) < fullCost(contenders, hash, best) ? i : best;
            }
            assertThat(contenders.first(hash, context)).isEqualTo(best);
        }
    }

    private static double fullCost(Contenders contenders, long hash, int index) {
        return contenders.cost(contenders.draw(hash, index), index, Double.POSITIVE_INFINITY);
    }
}
