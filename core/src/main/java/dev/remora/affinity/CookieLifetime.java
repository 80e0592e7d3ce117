package dev.remora.affinity;

import java.time.Duration;
import java.util.Optional;

/**
 * For how long a cookie is good, by the wall clock in seconds.
 *
 * @param idle since it was last sent; sliding, because it is sent again while it is used
 * @param maxAge since it was first sent
 * @param refreshEvery how often it is sent again at most; a tenth of the idle time when not told
 */
record CookieLifetime(Optional<Duration> idle, Optional<Duration> maxAge, Optional<Duration> refreshEvery) {

    static final CookieLifetime OF_THE_BROWSER =
            new CookieLifetime(Optional.empty(), Optional.empty(), Optional.empty());

    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final Duration MOST = Duration.ofDays(400);
    private static final long MAX_SKEW = Duration.ofDays(1).toSeconds();

    CookieLifetime {
        idle.ifPresent(time -> requireWithin("idle", time));
        maxAge.ifPresent(time -> requireWithin("max age", time));
        refreshEvery.ifPresent(time -> requireWithin("refresh", time));
    }

    private static void requireWithin(String name, Duration time) {
        if (time.compareTo(LEAST) < 0 || time.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: PT1S to 400 days)");
        }
    }

    void check() {
        if (refreshEvery.isPresent() && idle.isEmpty()) {
            throw new IllegalArgumentException("refresh: " + refreshEvery.get() + " (expected: an idle time, too)");
        }
        if (refreshEvery.isPresent() && refreshEvery.get().compareTo(idle.orElseThrow()) >= 0) {
            throw new IllegalArgumentException(
                    "refresh: " + refreshEvery.get() + " (expected: less than the idle time, " + idle.get() + ")");
        }
        if (idle.isPresent() && maxAge.isPresent() && idle.get().compareTo(maxAge.get()) > 0) {
            throw new IllegalArgumentException(
                    "idle: " + idle.get() + " (expected: at most the max age, " + maxAge.get() + ")");
        }
    }

    boolean isBounded() {
        return idle.isPresent() || maxAge.isPresent();
    }

    /** Whether it is still good; dates up to a day ahead are, since the clocks of gateways differ. */
    boolean covers(long issuedAt, long refreshedAt, long now) {
        return isWithin(maxAge, issuedAt, now) && isWithin(idle, refreshedAt, now);
    }

    private static boolean isWithin(Optional<Duration> limit, long date, long now) {
        if (limit.isEmpty()) {
            return true;
        }
        long age = now - date;
        return age <= limit.get().toSeconds() && age >= -MAX_SKEW;
    }

    /** Whether it is time to send it again. */
    boolean isDue(long refreshedAt, long now) {
        return idle.isPresent()
                && now - refreshedAt
                        >= refreshEvery
                                .orElseGet(() -> idle.get().dividedBy(10))
                                .toSeconds();
    }

    /** For how long a browser is to keep it; nothing for as long as the browser is open. */
    Optional<Duration> left(long issuedAt, long now) {
        Optional<Duration> age =
                maxAge.map(limit -> Duration.ofSeconds(issuedAt - now).plus(limit));
        if (idle.isEmpty()) {
            return age;
        }
        return age.filter(left -> left.compareTo(idle.get()) < 0).or(() -> idle);
    }
}
