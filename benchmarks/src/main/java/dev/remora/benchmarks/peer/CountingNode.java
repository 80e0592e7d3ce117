package dev.remora.benchmarks.peer;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;
import java.util.concurrent.atomic.AtomicInteger;

/** A member as Remora's pickers see it, with its open streams. Thread-safe. */
final class CountingNode implements Node {

    private final int id;
    private final Backend backend;
    private final AtomicInteger openStreams = new AtomicInteger();

    CountingNode(Member member) {
        this.id = member.id();
        this.backend = Backend.of(member.name(), member.uri());
    }

    int id() {
        return id;
    }

    void enter() {
        openStreams.incrementAndGet();
    }

    void leave() {
        openStreams.decrementAndGet();
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
    public long firstByteNanos() {
        return 1_000_000;
    }
}
