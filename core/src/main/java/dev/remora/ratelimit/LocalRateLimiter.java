package dev.remora.ratelimit;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.remora.exchange.NanoClock;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A limiter of this process alone: see {@link RateLimiter#local}. The clock is read once for each request. */
final class LocalRateLimiter implements RateLimiter {

    private static final Logger log = LoggerFactory.getLogger(RateLimiter.class);

    private final List<Limit> limits;
    // The same in the same order, in arrays: they are walked for every request.
    private final Limit[] each;
    private final Pace[] paces;
    private final KnownKeys keys;
    private final NanoClock clock;
    private final Optional<LimitListener> listener;

    LocalRateLimiter(LocalRateLimiterBuilder config) {
        this.limits = config.limits;
        this.each = limits.toArray(Limit[]::new);
        this.paces = limits.stream().map(Pace::new).toArray(Pace[]::new);
        this.clock = config.clock;
        this.keys = new KnownKeys(paces, config.maxKeys, config.overflow, clock.nanos());
        this.listener = config.listener;
    }

    @Override
    public List<Limit> limits() {
        return limits;
    }

    @Override
    public boolean tryAcquire(String key, Usage usage) {
        requireCounted(usage);
        Buckets own = keys.own(key);
        if (own != null && each.length == 1 && own.takePrepaid(each[0].unit().of(usage))) {
            return true;
        }
        long now = clock.nanos();
        int denies = take(key, own, usage, now);
        if (denies >= 0 && listener.isPresent()) {
            tellDenied(key, denies, keys.known(key), usage, now);
        }
        return denies < 0;
    }

    @Override
    public Decision decide(String key, Usage usage) {
        requireCounted(usage);
        long now = clock.nanos();
        int denies = take(key, keys.own(key), usage, now);
        Buckets buckets = keys.known(key);
        return denies < 0
                ? decision(true, tightest(buckets, now), buckets, 0, now)
                : tellDenied(key, denies, buckets, usage, now);
    }

    @Override
    public Decision peek(String key) {
        long now = clock.nanos();
        Buckets known = keys.known(key);
        Buckets buckets = known == null && !keys.areAllTaken() ? keys.fresh(key, now) : known;
        int limit = tightest(buckets, now);
        boolean allowed = each[limit].shadow() || wait(buckets, limit, 1, now) == 0;
        return decision(allowed, limit, buckets, 1, now);
    }

    @Override
    public void charge(String key, Usage usage) {
        long now = clock.nanos();
        for (int i = 0; i < each.length; i++) {
            long units = each[i].unit().of(usage);
            if (units > 0) {
                charge(key, i, paces[i].charge(units), now);
            }
        }
    }

    private void charge(String key, int limit, long cost, long now) {
        Buckets buckets;
        do {
            buckets = keys.find(key, now);
        } while (buckets != null && !buckets.charge(limit, paces[limit], cost, now));
    }

    @Override
    public void refund(String key, Usage usage) {
        long now = clock.nanos();
        // Never to the bucket of all others: what a key took that had a place then would be theirs.
        Buckets buckets = keys.own(key);
        for (int i = 0; buckets != null && i < each.length; i++) {
            long units = each[i].unit().of(usage);
            if (units > 0) {
                buckets.refund(i, paces[i].charge(units), now);
            }
        }
    }

    private void requireCounted(Usage usage) {
        if (!counts(usage)) {
            throw new IllegalArgumentException(
                    "usage: " + usage + " (expected: something that a limit counts, " + limits + ")");
        }
    }

    /**
     * Takes a usage from all buckets, or from none.
     *
     * @param own those of the key, if they were found already
     * @return the limit that denies, or -1
     */
    private int take(String key, @Nullable Buckets own, Usage usage, long now) {
        for (Buckets buckets = own; ; Thread.onSpinWait()) {
            if (buckets == null) {
                buckets = keys.find(key, now);
            }
            if (buckets == null) {
                // Shadows are last: if the first is one, all are.
                return each[0].shadow() ? -1 : 0;
            }
            int denies = deniesNow(buckets, usage, now);
            if (denies >= 0) {
                return denies;
            }
            int taken = 0;
            long result = Buckets.TAKEN;
            for (; taken < each.length && result == Buckets.TAKEN; taken++) {
                result = takeOne(key, buckets, taken, usage, now);
            }
            if (result == Buckets.TAKEN) {
                return -1;
            }
            giveBack(buckets, taken - 1, usage, now);
            if (result != Buckets.FORGOTTEN) {
                return taken - 1;
            }
            buckets = null;
        }
    }

    // A look before anything is taken: with several limits a denial is mostly a read.
    private int deniesNow(Buckets buckets, Usage usage, long now) {
        int worst = -1;
        long longest = 0;
        for (int i = 0; each.length > 1 && i < each.length; i++) {
            long wait = each[i].shadow() ? 0 : wait(buckets, i, each[i].unit().of(usage), now);
            if (wait > longest) {
                worst = i;
                longest = wait;
            }
        }
        return worst;
    }

    private long takeOne(String key, Buckets buckets, int i, Usage usage, long now) {
        long units = each[i].unit().of(usage);
        if (units == 0) {
            return Buckets.TAKEN;
        }
        long result = buckets.take(i, paces[i], paces[i].cost(units), now);
        if (result > 0 && each[i].shadow()) {
            tellDenied(key, i, buckets, usage, now);
            return Buckets.TAKEN;
        }
        return result;
    }

    private void giveBack(Buckets buckets, int count, Usage usage, long now) {
        for (int i = count - 1; i >= 0; i--) {
            long units = each[i].unit().of(usage);
            if (units > 0) {
                buckets.refund(i, paces[i].cost(units), now);
            }
        }
    }

    private long wait(@Nullable Buckets buckets, int i, long units, long now) {
        if (units == 0) {
            return 0;
        }
        // Of a key that is not let in nothing is known, but that it may come back.
        return buckets == null ? paces[i].cost(1) : buckets.waitNanos(i, paces[i], paces[i].cost(units), now);
    }

    @CanIgnoreReturnValue
    private Decision tellDenied(String key, int limit, @Nullable Buckets buckets, Usage usage, long now) {
        Decision denial = decision(false, limit, buckets, each[limit].unit().of(usage), now);
        if (listener.isPresent()) {
            try {
                listener.get().denied(key, denial);
            } catch (RuntimeException e) {
                log.warn("a listener of limits threw; the request goes on", e);
            }
        }
        return denial;
    }

    // The one with the smallest share left; shadows, which are last, count only where there are no others.
    private int tightest(@Nullable Buckets buckets, long now) {
        int tightest = 0;
        double smallest = Double.MAX_VALUE;
        for (int i = 0; buckets != null && i < each.length && (i == 0 || !each[i].shadow()); i++) {
            double left = (double) left(buckets, i, now) / each[i].burst();
            if (left < smallest) {
                tightest = i;
                smallest = left;
            }
        }
        return tightest;
    }

    private long left(@Nullable Buckets buckets, int i, long now) {
        return buckets == null ? 0 : paces[i].units(paces[i].toleranceNanos - buckets.missing(i, now));
    }

    private Decision decision(boolean allowed, int limit, @Nullable Buckets buckets, long units, long now) {
        // It has been denied, even if there is something by now.
        long wait = allowed ? 0 : Math.max(1, wait(buckets, limit, units, now));
        return new Decision(
                allowed,
                each[limit],
                left(buckets, limit, now),
                wait == Pace.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(wait)),
                Duration.ofNanos(buckets == null ? 0 : buckets.missing(limit, now)),
                Source.LOCAL);
    }

    @Override
    public String toString() {
        return "RateLimiter" + limits;
    }
}
