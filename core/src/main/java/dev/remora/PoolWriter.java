package dev.remora;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import dev.remora.strategy.Strategy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The only one who makes generations: it takes each list that the source pushes and publishes the generation made of it.
 * Back ends whose id stays keep their counters and health. Those that go keep them too while streams are open, so that
 * a back end that returns finds its streams counted.
 */
final class PoolWriter {

    private final Strategy strategy;
    private final Strategy rebinding = Strategy.rendezvousHash();
    private final Function<Backend, LiveNode> newcomer;
    private final Consumer<Generation> publish;

    // Both guarded by the monitor. "known" holds the members, and those that have gone with streams open.
    private final Map<BackendId, LiveNode> known = new HashMap<>();
    private long version;

    PoolWriter(Strategy strategy, Function<Backend, LiveNode> newcomer, Consumer<Generation> publish) {
        this.strategy = strategy;
        this.newcomer = newcomer;
        this.publish = publish;
    }

    /** Takes a whole list. Called by the source, on its thread; a list that breaks a rule changes nothing. */
    synchronized void accept(List<Backend> backends) {
        Set<BackendId> members = new HashSet<>();
        for (Backend backend : backends) {
            if (!members.add(backend.id())) {
                throw new IllegalArgumentException("backend id: " + backend.id() + " (expected: each id once)");
            }
        }
        known.values().removeIf(node -> !members.contains(node.backend().id()) && node.openStreams() == 0);
        List<LiveNode> nodes = new ArrayList<>(backends.size());
        for (Backend backend : backends) {
            LiveNode before = known.get(backend.id());
            LiveNode now = before == null
                    ? newcomer.apply(backend)
                    : new LiveNode(backend, before.counters(), before.health());
            known.put(backend.id(), now);
            nodes.add(now);
        }
        version++;
        Snapshot snapshot = new Snapshot(version, nodes);
        publish.accept(
                new Generation(snapshot, List.copyOf(nodes), strategy.picker(snapshot), rebinding.picker(snapshot)));
    }
}
