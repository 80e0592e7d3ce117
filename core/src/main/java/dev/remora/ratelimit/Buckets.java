package dev.remora.ratelimit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of one key, a word each: the moment at which that bucket is full, in nanoseconds of the clock. A moment in the past
 * is as good as now. It is what the Generic Cell Rate Algorithm calls the theoretical arrival time.
 *
 * <p>What holds: a bucket is never charged by {@link #take} beyond its tolerance, whatever threads do at once. Several buckets
 * are taken one after the other; who finds a later one empty gives the earlier ones back. So meanwhile others may be
 * denied, but never too many admitted.
 *
 * <p>A lone bucket that many threads want at once hands out {@link Slabs}. What is in them may be used at any later time, so from then
 * on the bucket keeps back as much as all slabs can hold: in any stretch of time no more passes than without them, and at
 * most so much less. A take that succeeds without slabs has seen, after it had read the word, that there were none; putting
 * units in one changes the word.
 *
 * <p>Readings of the clock are compared by their difference alone: it may wrap around.
 */
final class Buckets {

    /** It was taken. */
    static final long TAKEN = 0;
    /** The key has been forgotten while somebody had it in hand, who is to look it up again. */
    static final long FORGOTTEN = -1;

    private static final long RACE_LOST = -2;
    // In place of a moment: this key is forgotten, or just being looked at for that.
    private static final long DEAD = Long.MIN_VALUE;
    private static final AtomicLongArray NO_OTHERS = new AtomicLongArray(0);
    // Who has lost so many races for the word is one of many.
    private static final int CROWDED = 3;
    private static final VarHandle FIRST;
    private static final VarHandle SLABS;

    static {
        try {
            FIRST = MethodHandles.lookup().findVarHandle(Buckets.class, "first", long.class);
            SLABS = MethodHandles.lookup().findVarHandle(Buckets.class, "slabs", Slabs.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String key;
    // Inline, since most have this one only: a hundred thousand keys do not fit into a cache.
    private volatile long first;
    private final AtomicLongArray others;
    private volatile @Nullable Slabs slabs;

    /**
     * The buckets of a key that comes now.
     *
     * @param beginning when its limits began: since then the buckets of all keys have filled, whether they are known or not
     */
    Buckets(String key, Pace[] paces, long beginning, long now) {
        this.key = key;
        this.others = paces.length == 1 ? NO_OTHERS : new AtomicLongArray(paces.length - 1);
        for (int i = 0; i < paces.length; i++) {
            long fullAt = alive(now + Math.max(0, beginning + paces[i].initialNanos - now));
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
        long result = takeOnce(index, pace, cost, now);
        for (int lost = 1; result == RACE_LOST; lost++) {
            if (lost == CROWDED && pace.slab > 0 && others.length() == 0) {
                handOutSlabs();
            }
            result = takeOnce(index, pace, cost, now);
        }
        return result;
    }

    private long takeOnce(int index, Pace pace, long cost, long now) {
        long seen = fullAt(index);
        if (seen == DEAD) {
            return FORGOTTEN;
        }
        Slabs handedOut = slabs;
        return handedOut == null
                ? takeFrom(index, seen, pace.toleranceNanos, cost, now)
                : takeBeside(handedOut, seen, pace, cost, now);
    }

    private long takeFrom(int index, long seen, long tolerance, long cost, long now) {
        long ahead = Math.max(seen - now, 0);
        long wait = ahead + cost - tolerance;
        if (wait > 0) {
            return wait;
        }
        return swap(index, seen, alive(now + ahead + cost)) ? TAKEN : RACE_LOST;
    }

    /** From now on units are taken in advance. */
    void handOutSlabs() {
        SLABS.compareAndSet(this, null, new Slabs());
    }

    /** Takes units that were taken in advance, if there are some for this thread; needs no clock. */
    boolean takePrepaid(long units) {
        Slabs handedOut = slabs;
        return handedOut != null && handedOut.take(units);
    }

    private long takeBeside(Slabs handedOut, long seen, Pace pace, long cost, long now) {
        long room = pace.toleranceNanos - pace.slabsNanos;
        if (cost > room) {
            takeBack(handedOut, pace, now);
            return RACE_LOST;
        }
        long slab = pace.cost(pace.slab);
        if (cost < slab && takeFrom(0, seen, room, slab, now) == TAKEN) {
            if (!handedOut.put(pace.units(slab - cost), pace.slab)) {
                refund(0, slab - cost, now);
            }
            return TAKEN;
        }
        long result = takeFrom(0, seen, room, cost, now);
        return result > 0 && handedOut.takeAnywhere(pace.units(cost)) ? TAKEN : result;
    }

    /** Leaves the bucket without slabs. What was used of them counts as if it were used just now. */
    private void takeBack(Slabs handedOut, Pace pace, long now) {
        long used = pace.slabsNanos - pace.charge(handedOut.close());
        if (charge(0, pace, used, now)) {
            SLABS.compareAndSet(this, handedOut, null);
        }
    }

    /** How many nanoseconds later a cost would be there; takes nothing. */
    long waitNanos(int index, Pace pace, long cost, long now) {
        if (cost == Pace.NEVER) {
            return Pace.NEVER;
        }
        long kept = slabs == null ? 0 : pace.slabsNanos;
        return Math.max(0, missing(index, now) + cost - pace.toleranceNanos + kept);
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
     * Slabs are taken back first: what was just used of them a new bucket would not know.
     *
     * @param pace of the first bucket, which alone may have slabs
     * @return whether it is forgotten
     */
    boolean forget(Pace pace, long now) {
        int count = 1 + others.length();
        for (int i = 0; i < count; i++) {
            long seen = fullAt(i);
            Slabs handedOut = slabs;
            if (handedOut != null && seen - now <= 0) {
                takeBack(handedOut, pace, now);
                return false;
            }
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
