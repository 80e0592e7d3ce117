package dev.remora;

import dev.remora.exchange.ResponseView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * For how long a back end asks to be spared: by an answer 429 or 503 with {@code Retry-After}. It is not broken, it has
 * much to do.
 *
 * @param longest what is asked for beyond this counts as this; zero hears nobody
 * @param wallClock tells how far away a date is
 */
record CoolDown(Duration longest, InstantSource wallClock) {

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVICE_UNAVAILABLE = 503;

    CoolDown {
        // A year is as good as for ever, and its nanoseconds can be counted.
        if (longest.isNegative() || longest.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException("coolDown: " + longest + " (expected: 0 to 365 days)");
        }
    }

    /**
     * How long a back end that answers so wants to be spared, in nanoseconds.
     *
     * @return 0 if it does not, also if its time is over already: a 503 that may be repeated at once is an ordinary one
     */
    long nanos(ResponseView response) {
        int status = response.status();
        boolean asks = status == TOO_MANY_REQUESTS || status == SERVICE_UNAVAILABLE;
        if (!asks || longest.isZero()) {
            return 0;
        }
        List<String> wish = response.headers("retry-after");
        return wish.isEmpty()
                ? 0
                : RetryAfter.read(wish.get(0), wallClock.instant(), longest).toNanos();
    }
}
