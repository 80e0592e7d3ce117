package dev.remora.ratelimit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The buckets of one key, a word each: the moment at which that bucket is full, in nanoseconds of the clock. A moment in the past
 * is as good as now. It is what the Generic Cell Rate Algorithm calls the theoretical arrival time.
 *
 * <p>What holds: a bucket is never charged by {@link #take} beyond its tolerance, whatever threads do at once. Several buckets
 * are taken one after the other; who finds a later one empty gives the earlier ones back. So meanwhile others may be
 * denied, but never too many admitted.
 *
 * <p>Readings of the clock are compared by their difference alone: it may wrap around.
 */
final class Buckets {

    /** It was taken. */
    static final long TAKEN = 0;
    /** The key has been forgotten while somebody had it in hand, who is to look it up again. */
    static final long FORGOTTEN = -1;

    // In place of a moment: this key is forgotten, or just being looked at for that.
    private static final long DEAD = Long.MIN_VALUE;
    private static final AtomicLongArray NO_OTHERS = new AtomicLongArray(0);
    private static final VarHandle FIRST;

    static {
        try {
            FIRST = MethodHandles.lookup().findVarHandle(Buckets.class, "first", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String key;
    // Inline, since most have this one only: a hundred thousand keys do not fit into a cache.
    private volatile long first;
    private final AtomicLongArray others;

    Buckets(String key, Pace[] paces, long now) {
        this.key = key;
        this.others = paces.length == 1 ? NO_OTHERS : new AtomicLongArray(paces.length - 1);
        for (int i = 0; i < paces.length; i++) {
            long fullAt = alive(now + paces[i].initialNanos);
            if (i == 0) {
                first = fullAt;
            } else {
                others.set(i - 1, fullAt);
            }
        }
    }

    String key() {
        return key;
    }

    /**
     * Takes a cost from a bucket, if it is there.
     *
     * @param cost at most {@link Pace#toleranceNanos}, or {@link Pace#NEVER}
     * @return {@link #TAKEN}, {@link #FORGOTTEN}, or how many nanoseconds later it would be there, {@link Pace#NEVER} if at no time
     */
    long take(int index, Pace pace, long cost, long now) {
        if (cost == Pace.NEVER) {
            return Pace.NEVER;
        }
        while (true) {
            long seen = fullAt(index);
            if (seen == DEAD) {
                return FORGOTTEN;
            }
            long ahead = Math.max(seen - now, 0);
            long wait = ahead + cost - pace.toleranceNanos;
            if (wait > 0) {
                return wait;
            }
            if (swap(index, seen, alive(now + ahead + cost))) {
                return TAKEN;
            }
        }
    }

    /** How many nanoseconds later a cost would be there; takes nothing. */
    long waitNanos(int index, Pace pace, long cost, long now) {
        if (cost == Pace.NEVER) {
            return Pace.NEVER;
        }
        return Math.max(0, missing(index, now) + cost - pace.toleranceNanos);
    }

    /** How many nanoseconds a bucket is from full. */
    long missing(int index, long now) {
        long seen = fullAt(index);
        return seen == DEAD ? 0 : Math.max(seen - now, 0);
    }

    /**
     * Takes a cost, whether it is there or not, up to the most that may be owed.
     *
     * @return false when the key has been forgotten
     */
    boolean charge(int index, Pace pace, long cost, long now) {
        while (true) {
            long seen = fullAt(index);
            if (seen == DEAD) {
                return false;
            }
            long ahead = Math.max(seen - now, 0);
            long most = Math.max(ahead, pace.toleranceNanos + pace.maxDebtNanos);
            long next = alive(now + Math.min(ahead + cost, most));
            if (swap(index, seen, next)) {
                return true;
            }
        }
    }

    /** Gives a cost back. One that has been forgotten is full already. */
    void refund(int index, long cost, long now) {
        while (true) {
            long seen = fullAt(index);
            long ahead = seen - now;
            if (seen == DEAD || ahead <= 0 || swap(index, seen, alive(now + Math.max(ahead - cost, 0)))) {
                return;
            }
        }
    }

    /**
     * Forgets the key if all its buckets are full: then nobody can tell the difference. From then on it is of no use any more.
     *
     * @return whether it is forgotten
     */
    boolean forget(long now) {
        int count = 1 + others.length();
        for (int i = 0; i < count; i++) {
            long seen = fullAt(i);
            if (seen == DEAD || seen - now > 0 || !swap(i, seen, DEAD)) {
                revive(i, now);
                return false;
            }
        }
        return true;
    }

    // They were full, so that any moment up to now is right.
    private void revive(int count, long now) {
        for (int i = count - 1; i >= 0; i--) {
            boolean unused = swap(i, DEAD, alive(now));
        }
    }

    private long fullAt(int index) {
        return index == 0 ? first : others.get(index - 1);
    }

    private boolean swap(int index, long seen, long next) {
        return index == 0 ? FIRST.compareAndSet(this, seen, next) : others.compareAndSet(index - 1, seen, next);
    }

    private static long alive(long fullAt) {
        return fullAt == DEAD ? DEAD + 1 : fullAt;
    }
}
