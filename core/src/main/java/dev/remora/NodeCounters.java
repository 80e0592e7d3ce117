package dev.remora;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * The live numbers of one back end. A lease holds this object, not the back end's name, so that removal, return and a
 * changed address lose or double nothing.
 *
 * <p>Invariant: {@code openStreams} is the number of leases that have entered and not left; {@code waitingStreams} is how
 * many of them have no response yet; {@code loadMicros} is the sum of their costs. None is ever negative, and none is
 * ever reset.
 *
 * <p>All fields are written by request threads, with atomic steps, and read by pickers, for which a number that was true
 * a moment ago is good enough. Only {@code openStreams} decides something: a stream enters by compare-and-set, so the
 * cap holds exactly.
 */
final class NodeCounters {

    static final long MICROS_PER_COST = 1_000_000;

    // More open streams than any cap allows: who comes too late finds the node full.
    private static final int RETIRED = Integer.MAX_VALUE;

    private static final VarHandle OPEN = field("openStreams", int.class);
    private static final VarHandle WAITING = field("waitingStreams", int.class);
    private static final VarHandle LOAD = field("loadMicros", long.class);

    private volatile int openStreams;
    private volatile int waitingStreams;
    private volatile long loadMicros;

    // The load of all back ends together: those of the pool, and those that have gone with streams open.
    private final LongAdder allMicros;

    // Since the start, for the stats: picked rises when a lease is handed out, one of the others when it ends.
    final LongAdder picked = new LongAdder();
    final LongAdder succeeded = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder cancelled = new LongAdder();

    NodeCounters(LongAdder allMicros) {
        this.allMicros = allMicros;
    }

    /** Counts a stream of cost 1 in, unless that would exceed the cap. */
    boolean tryEnter(int cap) {
        int open = openStreams;
        while (open < cap) {
            int seen = (int) OPEN.compareAndExchange(this, open, open + 1);
            if (seen == open) {
                WAITING.getAndAdd(this, 1);
                addLoad(MICROS_PER_COST);
                return true;
            }
            open = seen;
        }
        return false;
    }

    /**
     * Lets nobody in any more, if nobody is in. A request that still has an older generation in its hands can then not
     * enter a node which nobody knows any more, and whose id may come back with new counters.
     */
    boolean tryRetire() {
        return OPEN.compareAndSet(this, 0, RETIRED);
    }

    /** Counts a stream out that has entered, once. */
    void leave(boolean stillWaiting, long costMicros) {
        addLoad(-costMicros);
        if (stillWaiting) {
            WAITING.getAndAdd(this, -1);
        }
        OPEN.getAndAdd(this, -1);
    }

    /** A stream that has entered got its response. */
    void responded() {
        WAITING.getAndAdd(this, -1);
    }

    /** The cost of a stream that has entered changed by so much. */
    void addLoad(long differenceMicros) {
        LOAD.getAndAdd(this, differenceMicros);
        allMicros.add(differenceMicros);
    }

    /** Streams that have ended since the start. */
    long ended() {
        return succeeded.sum() + failed.sum() + cancelled.sum();
    }

    int openStreams() {
        return openStreams;
    }

    int waitingStreams() {
        return waitingStreams;
    }

    double load() {
        return (double) loadMicros / MICROS_PER_COST;
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(NodeCounters.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
