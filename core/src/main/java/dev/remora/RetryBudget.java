package dev.remora;

/**
 * How many requests may be tried again on another back end: a share of all requests, and a floor besides. It keeps a pool
 * that fails under load from getting a multiple of that load. What is not spent is saved, up to ten seconds of the floor
 * or 100 retries if that is more; a balancer begins with ten seconds of the floor.
 *
 * <p>A connect that failed, or that a cap on connections forbade, costs nothing: no back end had any work with it.
 *
 * @param share of the live traffic, 0 to 1
 * @param perSecond the floor, 0 to 100,000 retries a second
 */
public record RetryBudget(double share, int perSecond) {

    static final int SAVED_SECONDS = 10;

    private static final int LEAST_SAVED = 100;
    private static final int MOST_PER_SECOND = 100_000;

    /** Creates a budget. */
    public RetryBudget {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
        }
        if (perSecond < 0 || perSecond > MOST_PER_SECOND) {
            throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: 0 to " + MOST_PER_SECOND + ")");
        }
    }

    /**
     * A budget.
     *
     * @param share of the live traffic, 0 to 1
     * @param perSecond the floor, 0 to 100,000
     */
    public static RetryBudget of(double share, int perSecond) {
        return new RetryBudget(share, perSecond);
    }

    /** A fifth of all requests and ten a second, as in Finagle. */
    public static RetryBudget defaults() {
        return of(0.2, 10);
    }

    int mostSaved() {
        return Math.max(LEAST_SAVED, perSecond * SAVED_SECONDS);
    }
}
