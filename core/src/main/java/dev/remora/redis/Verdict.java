package dev.remora.redis;

/**
 * What an account says to a request.
 *
 * @param limit the index of the limit that denies for the longest time, or -1
 * @param waitNanos how long it denies, {@link Toll#NEVER} for ever
 * @param ask whether it is time to ask Redis
 */
record Verdict(Kind kind, int limit, long waitNanos, boolean ask) {

    static final Verdict TAKEN = new Verdict(Kind.TAKEN, -1, 0, false);
    static final Verdict TAKEN_AND_ASK = new Verdict(Kind.TAKEN, -1, 0, true);
    static final Verdict UNKNOWN = new Verdict(Kind.UNKNOWN, -1, 0, true);
    static final Verdict FORGOTTEN = new Verdict(Kind.FORGOTTEN, -1, 0, false);

    enum Kind {
        /** It may pass. */
        TAKEN,
        /** It may not. */
        DENIED,
        /** Redis must say. */
        UNKNOWN,
        /** The account is of no use any more, and to be looked up again. */
        FORGOTTEN
    }

    static Verdict denied(int limit, long waitNanos, boolean ask) {
        return new Verdict(Kind.DENIED, limit, waitNanos, ask);
    }

    boolean is(Kind which) {
        return kind == which;
    }
}
