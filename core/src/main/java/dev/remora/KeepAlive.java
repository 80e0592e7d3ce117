package dev.remora;

import java.time.Duration;

/**
 * Keeps the sessions of open streams alive: one that streams for an hour makes no request meanwhile, and is in use all the
 * same. It knows the streams whose adapters listen for the wish that they end; those of others are touched when they end.
 */
final class KeepAlive {

    private static final long LEAST_NANOS = Duration.ofMillis(100).toNanos();

    private final Sessions sessions;
    private final OpenStreams streams;
    private final Timers timers;
    private final long everyNanos;

    KeepAlive(Sessions sessions, OpenStreams streams, Timers timers) {
        this.sessions = sessions;
        this.streams = streams;
        this.timers = timers;
        this.everyNanos = Math.max(LEAST_NANOS, sessions.idle().toNanos() / 4);
    }

    void begin() {
        timers.after(everyNanos, this::look);
    }

    private void look() {
        streams.forEach(lease -> sessions.touch(lease.attempt));
        begin();
    }
}
