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
 * cap holds exactly. {@code firstByteNanos} may lose an update of two that race; it is an average.
 */
final class NodeCounters {

    static final long MICROS_PER_COST = 1_000_000;

    private static final VarHandle OPEN = field("openStreams", int.class);
    private static final VarHandle WAITING = field("waitingStreams", int.class);
    private static final VarHandle LOAD = field("loadMicros", long.class);
    private static final VarHandle FIRST_BYTE = field("firstByteNanos", long.class);

    private volatile int openStreams;
    private volatile int waitingStreams;
    private volatile long loadMicros;

    @SuppressWarnings("UnusedVariable") // only ever touched through its handle
    private long firstByteNanos;

    // Since the start, for the stats: picked rises when a lease is handed out, one of the others when it ends.
    final LongAdder picked = new LongAdder();
    final LongAdder succeeded = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder cancelled = new LongAdder();

    /** Counts a stream of cost 1 in, unless that would exceed the cap. */
    boolean tryEnter(int cap) {
        int open = openStreams;
        while (open < cap) {
            int seen = (int) OPEN.compareAndExchange(this, open, open + 1);
            if (seen == open) {
                WAITING.getAndAdd(this, 1);
                LOAD.getAndAdd(this, MICROS_PER_COST);
                return true;
            }
            open = seen;
        }
        return false;
    }

    /** Counts a stream out that has entered, once. */
    void leave(boolean stillWaiting, long costMicros) {
        LOAD.getAndAdd(this, -costMicros);
        if (stillWaiting) {
            WAITING.getAndAdd(this, -1);
        }
        OPEN.getAndAdd(this, -1);
    }

    /** A stream that has entered got its response after so long. */
    void responded(long waitedNanos) {
        WAITING.getAndAdd(this, -1);
        long average = (long) FIRST_BYTE.getOpaque(this);
        long sample = Math.max(1, waitedNanos);
        FIRST_BYTE.setOpaque(this, average == 0 ? sample : Math.max(1, average + (sample - average) / 8));
    }

    /** The cost of a stream that has entered changed by so much. */
    void addLoad(long differenceMicros) {
        LOAD.getAndAdd(this, differenceMicros);
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

    long firstByteNanos() {
        return (long) FIRST_BYTE.getOpaque(this);
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(NodeCounters.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
