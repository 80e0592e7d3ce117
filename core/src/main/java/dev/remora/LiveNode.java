package dev.remora;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;

/**
 * A member of one snapshot: the description it has there, with the counters and the health that follow its id through
 * all snapshots.
 */
record LiveNode(Backend backend, NodeCounters counters, NodeHealth health) implements Node {

    boolean tryEnter() {
        return counters.tryEnter(backend.maxStreams());
    }

    boolean full() {
        return counters.openStreams() >= backend.maxStreams();
    }

    @Override
    public int openStreams() {
        return counters.openStreams();
    }

    @Override
    public int waitingStreams() {
        return counters.waitingStreams();
    }

    @Override
    public double load() {
        return counters.load();
    }

    @Override
    public long firstByteNanos() {
        return counters.firstByteNanos();
    }

    BalancerStats.BackendStats stats(long nowNanos) {
        // The ends are read before the beginnings: a stream that ends in between is still seen as open, and no number
        // of open streams is negative.
        long succeeded = counters.succeeded.sum();
        long failed = counters.failed.sum();
        long cancelled = counters.cancelled.sum();
        long picked = counters.picked.sum();
        long open = picked - succeeded - failed - cancelled;
        return new BalancerStats.BackendStats(
                backend,
                status(nowNanos),
                open,
                Math.min(open, counters.waitingStreams()),
                counters.load(),
                picked,
                succeeded,
                failed,
                cancelled,
                counters.firstByteNanos() / 1e6);
    }

    private BalancerStats.Status status(long nowNanos) {
        if (!health.fit(nowNanos)) {
            return BalancerStats.Status.UNFIT;
        }
        return backend.draining() ? BalancerStats.Status.DRAINING : BalancerStats.Status.READY;
    }
}
