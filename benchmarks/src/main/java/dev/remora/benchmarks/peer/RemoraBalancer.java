package dev.remora.benchmarks.peer;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.Snapshot;
import dev.remora.strategy.PickContext;
import dev.remora.strategy.Picker;
import dev.remora.strategy.Strategy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A strategy of Remora alone: its picker, with every member eligible. What the engine around it costs is in
 * {@link dev.remora.benchmarks.AcquireBenchmark}.
 */
final class RemoraBalancer implements Balancer {

    private final Strategy strategy;
    private final Snapshot snapshot;
    private final Picker picker;

    RemoraBalancer(Strategy strategy, List<Member> members) {
        this(strategy, 1, nodes(Map.of(), members));
    }

    private RemoraBalancer(Strategy strategy, long version, List<CountingNode> nodes) {
        this.strategy = strategy;
        this.snapshot = new Snapshot(version, nodes);
        this.picker = strategy.picker(snapshot);
    }

    @Override
    public Balancer change(List<Member> members) {
        Map<Integer, CountingNode> known = new HashMap<>();
        snapshot.nodes().forEach(node -> known.put(((CountingNode) node).id(), (CountingNode) node));
        return new RemoraBalancer(strategy, snapshot.version() + 1, nodes(known, members));
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Picking(picker, snapshot, keys);
    }

    private static List<CountingNode> nodes(Map<Integer, CountingNode> known, List<Member> members) {
        return members.stream()
                .map(member -> {
                    CountingNode node = known.get(member.id());
                    return node == null ? new CountingNode(member) : node;
                })
                .toList();
    }

    /** A pick and the request that it is for; owned by one thread. */
    private static final class Picking implements Chooser, PickContext {
        private final Picker picker;
        private final Keys keys;
        private final CountingNode[] nodes;
        private final int[] ids;
        private boolean keyed;
        private long keyHash;

        Picking(Picker picker, Snapshot snapshot, Keys keys) {
            this.picker = picker;
            this.keys = keys;
            this.nodes = snapshot.nodes().stream().map(CountingNode.class::cast).toArray(CountingNode[]::new);
            this.ids = snapshot.nodes().stream()
                    .mapToInt(node -> ((CountingNode) node).id())
                    .toArray();
        }

        @Override
        public int withoutKey() {
            keyed = false;
            return ids[picker.pick(this)];
        }

        @Override
        public int byHash(int key) {
            return ids[pick(keys.hash(key))];
        }

        @Override
        public int byText(int key) {
            return ids[pick(AffinityKey.of(keys.text(key)).hash())];
        }

        @Override
        public OpenStream open(int key) {
            CountingNode node = nodes[pick(keys.hash(key))];
            node.enter();
            return OpenStream.of(node.id(), node::leave);
        }

        private int pick(long hash) {
            keyed = true;
            keyHash = hash;
            return picker.pick(this);
        }

        @Override
        public boolean eligible(int index) {
            return true;
        }

        @Override
        public boolean keyed() {
            return keyed;
        }

        @Override
        public long keyHash() {
            return keyHash;
        }

        @Override
        public int random(int bound) {
            return ThreadLocalRandom.current().nextInt(bound);
        }
    }
}
