package dev.remora;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;

/**
 * /**
 * A member of one snapshot: the description and the weight it has there, with the counters, the health and the gate that
 * follow it through all snapshots.
 */
record LiveNode(
        Backend backend,
        NodeCounters counters,
        Responsiveness responsiveness,
        NodeHealth health,
        Gate gate,
        double weight)
        implements Node {

    private static final int MAX_READINGS = 1_000;

    LiveNode(Backend backend, NodeCounters counters, Responsiveness responsiveness, NodeHealth health) {
        this(backend, counters, responsiveness, health, new Gate());
    }

    private LiveNode(
            Backend backend, NodeCounters counters, Responsiveness responsiveness, NodeHealth health, Gate gate) {
        this(
                backend,
                counters,
                responsiveness,
                health,
                gate,
                backend.weight() * health.share().factor());
    }

    /** The same back end as it is described now, with its share of now. */
    LiveNode describedAs(Backend now) {
        return new LiveNode(now, counters, responsiveness, health, gate);
    }

    boolean tryEnter() {
        return counters.tryEnter(backend.maxStreams());
    }

    /** Whether its weight is still what its share makes of it. */
    boolean isWeighedRight() {
        return weight == backend.weight() * health.share().factor();
    }

    /** Whether it serves none but those that are bound to it: its source says so, or it does itself. */
    boolean draining() {
        return backend.draining() || health.share().draining();
    }

    /** Whether it drains, by order or as {@link #draining()} says, and does not take such a client any more. */
    boolean keepsOut(boolean bound) {
        return gate.keepsOut(bound) || (!bound && draining());
    }

    boolean full() {
        return counters.full(backend.maxStreams());
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
                weight,
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
        if (keepsOut(false)) {
            return BalancerStats.Status.DRAINING;
        }
        if (health.cooling(nowNanos)) {
            return BalancerStats.Status.COOLING;
        }
        return health.share().warming() ? BalancerStats.Status.WARMING : BalancerStats.Status.READY;
    }
}
