package dev.remora.ratelimit;

/** Hears of what limiters deny. Called on request threads: it does not block, and what it throws is logged. */
@FunctionalInterface
public interface LimitListener {

    /**
     * A request was denied, or would have been.
     *
     * @param key whose request it is, as the limiter was given it
     * @param decision which limit, why, and who says so; of a limit that is only a {@linkplain Limit#shadow shadow} the request
     *     has passed all the same
     */
    void denied(String key, Decision decision);
}
