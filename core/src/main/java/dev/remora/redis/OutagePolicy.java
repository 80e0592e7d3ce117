package dev.remora.redis;

/** What a limiter says when Redis should, but cannot. */
public enum OutagePolicy {
    /**
     * Each gateway lets its own share of the limits pass: as much as would be its own if all had the same. The share counts
     * what passes all the time, so that it is not full when Redis is lost.
     */
    LOCAL_SHARE,
    /** Everything passes. Redis is charged for it when it is back, up to each limit's debt. */
    FAIL_OPEN,
    /** Nothing passes that is not in hand. */
    FAIL_CLOSED
}
