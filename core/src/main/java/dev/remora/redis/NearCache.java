package dev.remora.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.remora.affinity.AffinityKey;
import dev.remora.session.Retention;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that this process looked for lately, bounded in number, bytes and idle time. Time passes in ticks, which are
 * counted in the background: a look reads no clock, and leaves no trace but for one in some ticks ({@link #touch}), which
 * writes. So the idle time is counted from what is written, and Caffeine need not record when each was read last.
 *
 * <p>The names that they have in the store are kept beside, for invalidations. Both change in one atomic step of the cache's
 * map, per key, so that no session can be remembered that could not be invalidated.
 */
final class NearCache {

    private final Cache<AffinityKey, Remembered> cache;
    private final ConcurrentMap<AffinityKey, Remembered> sessions;
    private final ConcurrentMap<String, AffinityKey> names = new ConcurrentHashMap<>();
    private final AtomicLong ticks = new AtomicLong();
    private final long tickNanos;
    private final long touchTicks;

    /**
     * An empty cache.
     *
     * @param tickNanos how long a tick is
     * @param touchTicks after how many ticks at most the use of a session is noted
     */
    NearCache(Retention retention, long tickNanos, long touchTicks) {
        this.touchTicks = touchTicks;
        this.tickNanos = tickNanos;
        this.cache = Caffeine.newBuilder()
                .maximumWeight(retention.maxBytes())
                .weigher((AffinityKey key, Remembered known) -> retention.weight(key, known.tie.binding()))
                .expireAfterWrite(retention.idle().plusNanos(touchTicks * tickNanos))
                .ticker(() -> ticks.getOpaque() * tickNanos)
                .evictionListener((key, known, cause) -> {
                    if (known != null) {
                        names.remove(known.name);
                    }
                })
                .executor(Runnable::run) // upkeep is short, and the common pool is not ours
                .build();
        this.sessions = cache.asMap();
    }

    void tick() {
        ticks.incrementAndGet();
    }

    long now() {
        return ticks.getOpaque();
    }

    /** The first tick that is so long from now. */
    long after(long millis) {
        return now() + TimeUnit.MILLISECONDS.toNanos(millis) / tickNanos + 1;
    }

    @Nullable
    Remembered find(AffinityKey key) {
        return sessions.get(key);
    }

    /** Notes that a session is in use, if it is time to; true for one of all that have seen it due. */
    boolean touch(AffinityKey key, Remembered known, long now) {
        return known.isTouchDue(now) && sessions.replace(key, known, known.touched(now + touchTicks));
    }

    /** Remembers what a function makes of what is remembered; nothing changes when it returns the same. */
    Remembered update(AffinityKey key, Function<@Nullable Remembered, Remembered> step) {
        return sessions.compute(key, (same, before) -> {
            Remembered after = step.apply(before);
            names.put(after.name, key);
            return after;
        });
    }

    /** Changes what is remembered under a name of the store, if anything is. */
    boolean change(String name, Function<Remembered, Remembered> step) {
        AffinityKey key = names.get(name);
        return key != null && sessions.computeIfPresent(key, (same, before) -> step.apply(before)) != null;
    }

    /** Remembers a session no more, unless it is to be kept. */
    void forgetUnless(AffinityKey key, Predicate<Remembered> kept) {
        sessions.computeIfPresent(key, (same, before) -> {
            if (kept.test(before)) {
                return before;
            }
            names.remove(before.name);
            return null;
        });
    }

    /** All keys, weakly consistent. */
    Iterator<AffinityKey> keys() {
        return sessions.keySet().iterator();
    }

    long size() {
        return sessions.size();
    }

    /** Lets the cache catch up with evictions that it has put off. */
    void settle() {
        cache.cleanUp();
    }

    int names() {
        return names.size();
    }
}
