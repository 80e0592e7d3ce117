package dev.remora.redis;

/** What a way to the masters is for. */
enum Purpose {
    /** Sessions. Redis tells of what others change. */
    SESSIONS(RedisSessionMap.class, true, "sessions are shared", "sessions are kept in this process"),

    /** Limits. Nothing is remembered that Redis would have to tell of. */
    LIMITS(RedisRateLimiter.class, false, "limits are shared", "limits are this process's own affair");

    private final Class<?> owner;
    private final boolean tracks;
    private final String reachable;
    private final String lost;

    Purpose(Class<?> owner, boolean tracks, String reachable, String lost) {
        this.owner = owner;
        this.tracks = tracks;
        this.reachable = reachable;
        this.lost = lost;
    }

    /** In whose name it is logged what happens to masters. */
    Class<?> owner() {
        return owner;
    }

    /** Whether Redis is asked to track what is read. */
    boolean tracks() {
        return tracks;
    }

    /** For the log: what holds while a master answers. */
    String reachable() {
        return reachable;
    }

    /** For the log: what holds until it answers again. */
    String lost() {
        return lost;
    }
}
