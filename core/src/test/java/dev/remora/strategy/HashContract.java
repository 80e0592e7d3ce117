package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What every strategy that goes by the key owes to its callers. */
abstract class HashContract extends StrategyContract {

    private static final int KEYS = 10_000;

    abstract Strategy strategy(Strategy withoutKey);

    /** The share of all keys that may move without need when a member comes or goes. */
    double needlessMoves() {
        return 0;
    }

    @Override
    final Strategy strategy() {
        return strategy(Strategy.powerOfTwoChoices());
    }

    @Override
    final FakeContext next(FakeContext context, int round) {
        return context.key(AffinityKey.of("user-" + round).hash());
    }

    @Test
    void aMemberThatGoesMovesItsOwnKeysOnly() {
        Snapshot before = HashPool.of(1, 2, 3, 1, 2, 4, 1).snapshot();
        Snapshot after = HashPool.of(1, 2, 3, 1, 2, 4, 1).remove(2).snapshot();
        assertMovesFromOrTo(before.node(2).backend().id(), before, after);
    }

    @Test
    void aMemberThatComesTakesKeysOnlyForItself() {
        Snapshot before = HashPool.of(1, 2, 3, 1, 2, 4, 1).snapshot();
        Snapshot after = HashPool.of(1, 2, 3, 1, 2, 4, 1).add(3).snapshot();
        assertMovesFromOrTo(after.node(7).backend().id(), before, after);
    }

    @Test
    void keysOnlyMoveToAMemberThatWarmsUp() {
        HashPool pool = HashPool.of(4, 4, 0.4, 4, 4);
        Snapshot before = pool.snapshot();
        Picker picker = strategy().picker(before);
        BackendId warming = before.node(2).backend().id();
        List<BackendId> owners = owners(picker, before);
        for (int step = 2; step <= 10; step++) {
            Snapshot now = pool.weigh(2, 4 * step / 10.0).snapshot();
            picker = strategy().updated(picker, now);
            List<BackendId> newOwners = owners(picker, now);
            int came = 0;
            int needless = 0;
            for (int key = 0; key < KEYS; key++) {
                boolean moved = !newOwners.get(key).equals(owners.get(key));
                boolean toIt = newOwners.get(key).equals(warming);
                came += moved && toIt ? 1 : 0;
                needless += moved && !toIt ? 1 : 0;
            }
            assertThat(came).as("keys that came in step %s", step).isPositive();
            assertThat(needless).isLessThanOrEqualTo((int) (needlessMoves() * KEYS));
            owners = newOwners;
        }
    }

    private void assertMovesFromOrTo(BackendId member, Snapshot before, Snapshot after) {
        List<BackendId> owners = owners(strategy().picker(before), before);
        List<BackendId> newOwners = owners(strategy().picker(after), after);
        int moved = 0;
        int needless = 0;
        for (int key = 0; key < KEYS; key++) {
            BackendId from = owners.get(key);
            BackendId to = newOwners.get(key);
            moved += from.equals(to) ? 0 : 1;
            needless += from.equals(to) || from.equals(member) || to.equals(member) ? 0 : 1;
        }
        assertThat(moved).isPositive();
        assertThat(needless).isLessThanOrEqualTo((int) (needlessMoves() * KEYS));
    }

    @Test
    void theOrderOfTheListDoesNotMatter() {
        Random random = new Random(7);
        HashPool pool = HashPool.of(1, 2, 3, 4, 5, 1, 1);
        Snapshot inOrder = pool.snapshot();
        Snapshot shuffled = pool.shuffle(random).snapshot();
        assertThat(owners(strategy().picker(shuffled), shuffled))
                .isEqualTo(owners(strategy().picker(inOrder), inOrder));
    }

    @Test
    void aGatewayThatSawThePoolChangeAgreesWithOneThatStartsNow() {
        Random random = new Random(8);
        HashPool pool = HashPool.of(1, 2, 3);
        Picker old = strategy().picker(pool.snapshot());
        for (int step = 0; step < 60; step++) {
            pool.step(random);
            Snapshot now = pool.snapshot();
            old = strategy().updated(old, now);
            if (now.size() > 0) {
                assertThat(owners(old, now))
                        .as("after step %s", step)
                        .isEqualTo(owners(strategy().picker(now), now));
            } else {
                assertThat(old.pick(next(new FakeContext(), step))).isEqualTo(Picker.NONE);
            }
        }
    }

    final List<BackendId> owners(Picker picker, Snapshot snapshot) {
        FakeContext context = new FakeContext();
        List<BackendId> owners = new ArrayList<>();
        for (int key = 0; key < KEYS; key++) {
            owners.add(snapshot.node(picker.pick(next(context, key))).backend().id());
        }
        return owners;
    }

    @Test
    void anyTextIsAKey() {
        Snapshot pool = FakeNode.pool(1, 2, 3);
        for (String key : List.of("", "\0", "x".repeat(1 << 20), "\ud83d\ude00", "\ud83d")) {
            int owner = strategy().picker(pool).pick(new FakeContext().key(key));
            assertThat(owner).isBetween(0, 2);
            assertThat(strategy().picker(pool).pick(new FakeContext().key(key))).isEqualTo(owner);
        }
    }

    @Test
    void weightsMustBeFiniteAndAboveZero() {
        Picker before = strategy().picker(HashPool.of(1, 1).snapshot());
        for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            Snapshot bad = HashPool.of(1, weight).snapshot();
            assertThatThrownBy(() -> strategy().picker(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("weight of 10.1.0.2: " + weight + " (expected: a finite number above 0)");
            assertThatThrownBy(() -> strategy().updated(before, bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void weightsOfAnySizeAreServed() {
        Snapshot pool = HashPool.of(Double.MIN_VALUE, 1, Double.MAX_VALUE).snapshot();
        FakeContext context = new FakeContext();
        Picker picker = strategy().picker(pool);
        for (int key = 0; key < 100; key++) {
            assertThat(picker.pick(next(context, key))).isEqualTo(2);
        }
        context.eligible = index -> index == 0;
        assertThat(picker.pick(context)).isZero();
    }

    @Test
    void requestsWithoutAKeyAreServedByTheOtherStrategy() {
        Strategy lastOne = snapshot -> context -> snapshot.size() - 1;
        Picker picker = strategy(lastOne).picker(FakeNode.pool(1, 1, 1));
        assertThat(picker.pick(new FakeContext())).isEqualTo(2);
    }

    @Test
    void theOtherStrategyGoesOnWhereItStopped() {
        Picker picker = strategy(new Generations(0)).picker(FakeNode.pool(1, 1, 1));
        for (int generation = 1; generation <= 3; generation++) {
            picker = strategy(new Generations(0)).updated(picker, FakeNode.pool(1, generation, 1, 1));
            assertThat(picker.pick(new FakeContext())).isEqualTo(generation);
        }
    }

    @Test
    void theOtherStrategyDecidesWhetherClientsWithoutAKeyStay() {
        Picker picker = strategy(new Generations(0)).picker(FakeNode.pool(1, 1, 1));
        assertThat(picker.keeps(new FakeContext(), 0)).isFalse();
        assertThat(picker.keeps(new FakeContext(), 1)).isTrue();
        assertThat(picker.keeps(new FakeContext().key("user"), 0)).isTrue();
    }

    /** Picks the member whose place is the number of updates, and lets nobody stay at the first. */
    private record Generations(int updates) implements Strategy, Picker {

        @Override
        public Picker picker(Snapshot snapshot) {
            return new Generations(0);
        }

        @Override
        public Picker updated(Picker before, Snapshot snapshot) {
            return new Generations(((Generations) before).updates + 1);
        }

        @Override
        public int pick(PickContext context) {
            return updates;
        }

        @Override
        public boolean keeps(PickContext context, int index) {
            return index > 0;
        }
    }

    @Test
    void picksGoOnWhileThePoolChanges() throws Exception {
        HashPool pool = HashPool.of(1, 2, 3, 4);
        Snapshot first = pool.snapshot();
        AtomicReference<Made> current =
                new AtomicReference<>(new Made(first, strategy().picker(first)));
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                wrong.add(threads.submit(() -> countWrongPicks(current, done)));
            }
            Random random = new Random(9);
            for (int step = 0; step < 100; step++) {
                pool.step(random);
                Snapshot next = pool.snapshot();
                current.set(new Made(next, strategy().updated(current.get().picker(), next)));
            }
            done.set(true);
            for (Future<Integer> count : wrong) {
                assertThat(count.get(1, TimeUnit.MINUTES)).isZero();
            }
        } finally {
            done.set(true);
            threads.shutdownNow();
        }
    }

    private record Made(Snapshot snapshot, Picker picker) {}

    private int countWrongPicks(AtomicReference<Made> current, AtomicBoolean done) {
        FakeContext context = new FakeContext();
        int wrong = 0;
        for (int key = 0; key == 0 || !done.get(); key++) {
            Made made = current.get();
            int picked = made.picker.pick(next(context, key));
            wrong += picked < made.snapshot.size() && picked != Picker.NONE == made.snapshot.size() > 0 ? 0 : 1;
        }
        return wrong;
    }
}
