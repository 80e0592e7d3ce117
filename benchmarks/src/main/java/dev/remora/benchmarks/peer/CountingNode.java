package dev.remora.benchmarks.peer;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A member as Remora's pickers see it, with its open streams; all are equally quick. Thread-safe. */
final class CountingNode implements Node {

    private static final long FIRST_BYTE_NANOS = 1_000_000;

    private final int id;
    private final Backend backend;
    private final LongAdder allStreams;
    private final AtomicInteger openStreams = new AtomicInteger();

    CountingNode(Member member, int weight, LongAdder allStreams) {
        this.id = member.id();
        this.backend = member.backend().withWeight(weight);
        this.allStreams = allStreams;
    }

    int id() {
        return id;
    }

    void enter() {
        openStreams.incrementAndGet();
        allStreams.increment();
    }

    void leave() {
        openStreams.decrementAndGet();
        allStreams.decrement();
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public int openStreams() {
        return openStreams.get();
    }

    @Override
    public int waitingStreams() {
        return 0;
    }

    @Override
    public double load() {
        return openStreams.get();
    }

    @Override
    public long firstByteNanos(long nowNanos) {
        return FIRST_BYTE_NANOS;
    }

    @Override
    public double errorPenalty(long nowNanos) {
        return 1;
    }
}
