package dev.remora.strategy;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
import java.util.stream.IntStream;

/** A member whose load a test sets. */
final class FakeNode implements Node {

    private final Backend backend;
    double weight;
    double load;
    long firstByteNanos;
    double errorPenalty = 1;

    FakeNode(int number, int weight) {
        this(Backend.of("node-" + number, "http://127.0.0.1:" + (9000 + number)).withWeight(weight));
    }

    FakeNode(Backend backend) {
        this.backend = backend;
        this.weight = backend.weight();
    }

    static Snapshot pool(int... weights) {
        return new Snapshot(
                1,
                IntStream.range(0, weights.length)
                        .mapToObj(i -> new FakeNode(i, weights[i]))
                        .toList());
    }

    /** The weight that a node claims to have now, which may be one that no description can hold. */
    static void weight(Snapshot snapshot, int index, double weight) {
        ((FakeNode) snapshot.node(index)).weight = weight;
    }

    static void load(Snapshot snapshot, int index, double load) {
        ((FakeNode) snapshot.node(index)).load = load;
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public int openStreams() {
        return (int) load;
    }

    @Override
    public int waitingStreams() {
        return 0;
    }

    @Override
    public double load() {
        return load;
    }

    @Override
    public long firstByteNanos(long nowNanos) {
        return firstByteNanos;
    }

    @Override
    public double errorPenalty(long nowNanos) {
        return errorPenalty;
    }
}
