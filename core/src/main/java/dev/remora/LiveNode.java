package dev.remora;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;

/**
 * A member of one snapshot: the description it has there, with the counters and the health that follow its id through
 * all snapshots.
 */
record LiveNode(Backend backend, NodeCounters counters, Responsiveness responsiveness, NodeHealth health)
        implements Node {

    private static final int MAX_READINGS = 1_000;

    /** The same back end as it is described now. */
    LiveNode describedAs(Backend now) {
        return new LiveNode(now, counters, responsiveness, health);
    }

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
    public long firstByteNanos(long nowNanos) {
        // While requests wait, that no response comes is not the silence of a back end that nobody asks.
        return counters.waitingStreams() > 0
                ? responsiveness.lastFirstByteNanos()
                : responsiveness.firstByteNanos(nowNanos);
    }

    @Override
    public double errorPenalty(long nowNanos) {
        return responsiveness.errorPenalty(nowNanos);
    }

    /**
     * The numbers of this moment. No lock keeps the traffic out: they are read again until no stream has ended between
     * the first reading and the last, so that what was picked and has not ended is what is open.
     */
    BalancerStats.BackendStats stats(long nowNanos) {
        long succeeded;
        long failed;
        long cancelled;
        long picked;
        int readings = 0;
        do {
            succeeded = counters.succeeded.sum();
            failed = counters.failed.sum();
            cancelled = counters.cancelled.sum();
            picked = counters.picked.sum();
        } while (succeeded + failed + cancelled != counters.ended() && ++readings < MAX_READINGS);
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
                responsiveness.lastFirstByteNanos() / 1e6);
    }

    private BalancerStats.Status status(long nowNanos) {
        if (!health.fit(nowNanos)) {
            return BalancerStats.Status.UNFIT;
        }
        if (backend.draining()) {
            return BalancerStats.Status.DRAINING;
        }
        return health.cooling(nowNanos) ? BalancerStats.Status.COOLING : BalancerStats.Status.READY;
    }
}
