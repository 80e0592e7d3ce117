package dev.remora.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.remora.affinity.AffinityKey;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of the keys that are known: at most so many. A key is forgotten only when its buckets are full, for then a new
 * one is the same; it is looked at for that when others come and more than half of the
 * places are taken. (Unless newcomers may push others out, {@link Overflow#EVICT}: then
 * Caffeine decides by how often a key is seen.) A place is counted before a key gets in, since a cache lets everybody in first
 * and says nothing when it drops somebody else.
 */
final class KnownKeys {

    // Of a longer one a digest.
    private static final int LONGEST_KEY = 128;
    // As many are looked at for each newcomer: more than come, so that the ones that are full are found.
    private static final int LOOKED_AT = 4;

    private final Pace[] paces;
    private final int most;
    private final Overflow overflow;
    private final long beginning;
    private final Buckets shared;
    private final Cache<String, Buckets> known;

    // Those that are known, the one that was looked at longest ago first. Each is in the hand of one thread at a time.
    private final ConcurrentLinkedQueue<Buckets> byAge = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    KnownKeys(Pace[] paces, int most, Overflow overflow, long now) {
        this.paces = paces;
        this.most = most;
        this.overflow = overflow;
        this.beginning = now;
        this.shared = fresh("(all other keys)", now);
        Caffeine<Object, Object> cache = Caffeine.newBuilder();
        this.known = overflow == Overflow.EVICT
                ? cache.maximumSize(most).executor(Runnable::run).build()
                : cache.build();
    }

    /** The buckets of a key, which is known from now on if there is a place; nothing if there is none and new keys are denied. */
    @Nullable
    Buckets find(String key, long now) {
        String name = name(key);
        Buckets found = known.getIfPresent(name);
        return found != null ? found : admit(name, now);
    }

    /** The key's own buckets, if it is known. */
    @Nullable
    Buckets own(String key) {
        return known.getIfPresent(name(key));
    }

    /** The buckets that hold what is known of a key; nothing when it is not known. */
    @Nullable
    Buckets known(String key) {
        Buckets found = own(key);
        return found == null && overflow == Overflow.SHARED_BUCKET && count.get() >= most ? shared : found;
    }

    /** Whether a key that is not known would be denied now. */
    boolean areAllTaken() {
        return overflow == Overflow.REJECT_NEW && count.get() >= most;
    }

    /** What a key would get that is not known. */
    Buckets fresh(String key, long now) {
        return new Buckets(key, paces, beginning, now);
    }

    int size() {
        return overflow == Overflow.EVICT ? (int) known.estimatedSize() : count.get();
    }

    private @Nullable Buckets admit(String name, long now) {
        Buckets fresh = fresh(name, now);
        if (overflow == Overflow.EVICT) {
            Buckets first = known.asMap().putIfAbsent(name, fresh);
            return first == null ? fresh : first;
        }
        if (count.get() > most / 2) {
            forgetSome(now);
        }
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return overflow == Overflow.SHARED_BUCKET ? shared : null;
        }
        Buckets first = known.asMap().putIfAbsent(name, fresh);
        if (first != null) {
            count.decrementAndGet();
            return first;
        }
        byAge.add(fresh);
        return fresh;
    }

    private void forgetSome(long now) {
        for (int i = 0; i < LOOKED_AT; i++) {
            Buckets oldest = byAge.poll();
            if (oldest == null) {
                return;
            }
            if (oldest.forget(paces[0], now)) {
                known.asMap().remove(oldest.key(), oldest);
                count.decrementAndGet();
            } else {
                byAge.add(oldest);
            }
        }
    }

    private static String name(String key) {
        return key.length() <= LONGEST_KEY ? key : AffinityKey.of(key).bounded().text();
    }
}
