package dev.remora.benchmarks.peer;

import dev.remora.pool.Snapshot;
import dev.remora.strategy.Picker;
import dev.remora.strategy.Strategy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToIntFunction;

/**
 * A strategy of Remora alone: its picker, with every member eligible. What the engine around it costs is in
 * {@link dev.remora.benchmarks.AcquireBenchmark}.
 */
final class RemoraBalancer implements Balancer {

    private final Strategy strategy;
    private final ToIntFunction<Member> weights;
    private final LongAdder allStreams;
    private final Snapshot snapshot;
    private final Picker picker;

    RemoraBalancer(Strategy strategy, ToIntFunction<Member> weights, List<Member> members) {
        this.strategy = strategy;
        this.weights = weights;
        this.allStreams = new LongAdder();
        this.snapshot = snapshot(1, Map.of(), members);
        this.picker = strategy.picker(snapshot);
    }

    private RemoraBalancer(RemoraBalancer before, List<Member> members) {
        this.strategy = before.strategy;
        this.weights = before.weights;
        this.allStreams = before.allStreams;
        this.snapshot = snapshot(before.snapshot.version() + 1, before.nodes(), members);
        this.picker = strategy.updated(before.picker, snapshot);
    }

    Strategy strategy() {
        return strategy;
    }

    @Override
    public Balancer change(List<Member> members) {
        return new RemoraBalancer(this, members);
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new RemoraChooser(picker, snapshot, keys);
    }

    private Map<Integer, CountingNode> nodes() {
        Map<Integer, CountingNode> nodes = new HashMap<>();
        snapshot.nodes().forEach(node -> nodes.put(((CountingNode) node).id(), (CountingNode) node));
        return nodes;
    }

    private Snapshot snapshot(long version, Map<Integer, CountingNode> known, List<Member> members) {
        List<CountingNode> nodes = members.stream()
                .map(member -> known.getOrDefault(
                        member.id(), new CountingNode(member, weights.applyAsInt(member), allStreams)))
                .toList();
        return new Snapshot(version, nodes, allStreams::sum);
    }
}
