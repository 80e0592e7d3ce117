package dev.remora;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The live numbers of one back end. A lease holds this object, not the back end's name, so that removal, return and a
 * changed address lose or double nothing.
 *
 * <p>Invariant: the open streams are the leases that have entered and not left; the waiting ones are those of them that
 * have no response yet; {@code loadSteps} is the sum of their costs. None is ever reset; once all
 * calls have returned none is negative.
 *
 * <p>All fields are written by request threads, with atomic steps, and read by pickers, for which a number that was true
 * a moment ago is good enough. Only the open streams decide something: a stream enters by compare-and-set, so the cap
 * holds exactly, and none enters what has been retired.
 */
final class NodeCounters {

    /** Costs are summed in whole steps, so that what is added and taken away again leaves exactly nothing. */
    static final long STEPS_PER_COST = 1 << 20;

    // More open streams than any cap allows: who comes too late finds the node full.
    private static final long RETIRED = Integer.MAX_VALUE;

    // One stream that is open, and one that waits, in the word of both.
    private static final long OPEN = 1;
    private static final long WAITING = 1L << 32;

    private static final VarHandle STREAMS = field("streams");
    private static final VarHandle LOAD = field("loadSteps");

    // Waiting streams in the high half, open ones in the low half.
    private volatile long streams;
    private volatile long loadSteps;

    // The load of all back ends together: those of the pool, and those that have gone with streams open.
    private final LongAdder allSteps;

    // Since the start, for the stats: picked rises when a lease is handed out, one of the others when it ends.
    final LongAdder picked = new LongAdder();
    final LongAdder succeeded = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder cancelled = new LongAdder();

    // What its pool allows each of its members, and all of them together.
    private final int maxStreams;
    private final int maxPending;
    private final @Nullable PoolLoad pool;

    NodeCounters(LongAdder allSteps) {
        this(allSteps, LoadLimits.none(), null);
    }

    NodeCounters(LongAdder allSteps, LoadLimits limits, @Nullable PoolLoad pool) {
        this.allSteps = allSteps;
        this.maxStreams = limits.streamsPerBackend();
        this.maxPending = limits.pendingPerBackend();
        this.pool = pool;
    }

    /** Whether a stream would find no place. */
    boolean full(int cap) {
        return full(streams, cap) || (pool != null && pool.full());
    }

    /**
     * Counts a stream of cost 1 in, unless that would exceed the cap or a limit. Who fails has taken one of the pool's
     * places for a moment, and must see to it that nobody waits for that one.
     */
    boolean tryEnter(int cap) {
        if (pool == null) {
            return enter(cap);
        }
        if (!pool.tryEnter()) {
            return false;
        }
        if (enter(cap)) {
            return true;
        }
        pool.leave(true);
        return false;
    }

    private boolean enter(int cap) {
        long seen = streams;
        while (!full(seen, cap)) {
            long found = (long) STREAMS.compareAndExchange(this, seen, seen + OPEN + WAITING);
            if (found == seen) {
                addLoad(STEPS_PER_COST);
                return true;
            }
            seen = found;
        }
        return false;
    }

    /**
     * Lets nobody in any more, if nobody is in. A request that still has an older generation in its hands can then not
     * enter a node which nobody knows any more, and whose id may come back with new counters.
     */
    boolean tryRetire() {
        return STREAMS.compareAndSet(this, 0, RETIRED);
    }

    /** Counts a stream out that has entered, once. */
    void leave(boolean stillWaiting, long costSteps) {
        addLoad(-costSteps);
        STREAMS.getAndAdd(this, stillWaiting ? -OPEN - WAITING : -OPEN);
        if (pool != null) {
            pool.leave(stillWaiting);
        }
    }

    /** A stream that has entered got its response. */
    void responded() {
        STREAMS.getAndAdd(this, -WAITING);
        if (pool != null) {
            pool.responded();
        }
    }

    /** The cost of a stream that has entered changed by so much. */
    void addLoad(long differenceSteps) {
        LOAD.getAndAdd(this, differenceSteps);
        allSteps.add(differenceSteps);
    }

    /** Streams that have ended since the start. */
    long ended() {
        return succeeded.sum() + failed.sum() + cancelled.sum();
    }

    int openStreams() {
        return open(streams);
    }

    /** As {@link #openStreams}, but 0 when nobody is let in any more. */
    int streamsInside() {
        int open = open(streams);
        return open == RETIRED ? 0 : open;
    }

    boolean retired() {
        return open(streams) == RETIRED;
    }

    int waitingStreams() {
        return waiting(streams);
    }

    double load() {
        // A cost that changes while its stream ends may be taken away a moment before it is added.
        return inCosts(Math.max(0, loadSteps));
    }

    /** So many steps as a sum of costs; exact, since the steps are a power of two. */
    static double inCosts(long steps) {
        return steps * (1.0 / STEPS_PER_COST);
    }

    private boolean full(long word, int cap) {
        return open(word) >= Math.min(cap, maxStreams) || waiting(word) >= maxPending;
    }

    private static int waiting(long word) {
        return (int) (word >>> 32);
    }

    private static int open(long word) {
        return (int) word;
    }

    private static VarHandle field(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(NodeCounters.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
