package dev.remora.redis;

import dev.remora.redis.WriteBehind.Presumption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the store what it does not know yet, as soon as it can be reached, a few at a time so that requests find room
 * beside. All of it happens on the map's own thread.
 */
final class Settling {

    private static final Logger log = LoggerFactory.getLogger(RedisSessionMap.class);

    private static final int AT_ONCE = 32;
    private static final long PAUSE_MILLIS = 100;

    private final SharedSessions sessions;
    private final WriteBehind pending;
    private final ScheduledExecutorService thread;
    private final AtomicBoolean begun = new AtomicBoolean();

    // Of the thread alone.
    private final Set<Presumption> asked = new HashSet<>();

    Settling(SharedSessions sessions, WriteBehind pending, ScheduledExecutorService thread) {
        this.sessions = sessions;
        this.pending = pending;
        this.thread = thread;
    }

    /** Begins, unless it has begun. */
    void begin() {
        if (!begun.getAndSet(true)) {
            onThread(this::step, 0);
        }
    }

    /** The answer to a question of ours has come, or never will. */
    void heard(Presumption which) {
        onThread(
                () -> {
                    asked.remove(which);
                    step();
                },
                0);
    }

    private void step() {
        for (Presumption next : pending.nextPresumptions(AT_ONCE - asked.size())) {
            if (!asked.contains(next) && sessions.settle(next)) {
                asked.add(next);
            }
        }
        if (asked.isEmpty()) {
            pending.nextTouches(AT_ONCE).forEach(sessions::tellTouch);
        }
        if (pending.isEmpty() && asked.isEmpty()) {
            begun.set(false);
            if (!pending.isEmpty()) {
                begin(); // something came in between
            }
        } else if (asked.isEmpty()) {
            onThread(this::step, PAUSE_MILLIS);
        }
    }

    private void onThread(Runnable step, long delayMillis) {
        try {
            var unused = thread.schedule(step, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("the session map is closed", e);
        }
    }
}
