package dev.remora.health;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How often each kind of fault has been seen in a row: five counts in one word, changed by compare-and-set, so that a
 * good sign ends several runs in one step and exactly one caller sees that a run has reached its limit.
 *
 * <p>A word of 0 is the common case: then a good sign costs one volatile read and writes nothing.
 */
final class Runs {

    private static final int BITS = 12;
    private static final long COUNT = (1 << BITS) - 1;

    /** The longest run that can be a limit. */
    static final int MOST = 1_000;

    // One fault of a kind; kinds may be added up.
    static final long ERROR = 1;
    static final long GATEWAY_ERROR = ERROR << BITS;
    static final long FIRST_BYTE_TIMEOUT = GATEWAY_ERROR << BITS;
    static final long ABORT = FIRST_BYTE_TIMEOUT << BITS;
    static final long STALL = ABORT << BITS;
    static final long ALL = ERROR + GATEWAY_ERROR + FIRST_BYTE_TIMEOUT + ABORT + STALL;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Runs.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // The limit of each kind where its count is; 0 where the kind does not matter.
    private final long limits;
    private final long watched;

    private volatile long word;

    Runs(long limits) {
        this.limits = limits;
        this.watched = ones(limits);
    }

    /** So many faults of a kind, as a part of the limits. */
    static long limit(long kind, int count) {
        return kind * count;
    }

    /**
     * Lengthens the runs of some kinds by one and ends those of others.
     *
     * @return whether one has reached its limit; all runs begin anew then
     */
    boolean lengthen(long kinds, long ended) {
        long more = kinds & watched;
        long kept = ~(ended * COUNT);
        long seen = word;
        while (true) {
            long next = (seen & kept) + more;
            boolean reached = reached(next);
            if (reached) {
                next = 0;
            }
            if (next == seen) {
                return reached;
            }
            long found = (long) WORD.compareAndExchange(this, seen, next);
            if (found == seen) {
                return reached;
            }
            seen = found;
        }
    }

    /** Ends the runs of some kinds. */
    void end(long kinds) {
        long gone = kinds * COUNT;
        long seen = word;
        while ((seen & gone) != 0) {
            long found = (long) WORD.compareAndExchange(this, seen, seen & ~gone);
            if (found == seen) {
                return;
            }
            seen = found;
        }
    }

    private boolean reached(long counts) {
        for (long kind = ERROR; kind <= STALL; kind <<= BITS) {
            long limit = limits & kind * COUNT;
            if (limit != 0 && (counts & kind * COUNT) >= limit) {
                return true;
            }
        }
        return false;
    }

    private static long ones(long counts) {
        long ones = 0;
        for (long kind = ERROR; kind <= STALL; kind <<= BITS) {
            if ((counts & kind * COUNT) != 0) {
                ones += kind;
            }
        }
        return ones;
    }
}
