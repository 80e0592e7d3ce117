package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import dev.remora.redis.WriteBehind.Presumption;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the store what it does not know yet, as soon as it can be reached, a few at a time so that requests find room
 * beside: first what was bound without it, then what is in use, and when it may have lost its memory, all that is
 * remembered here. All of it happens on the map's own thread.
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
    private final Set<Presumption> presumptions = new HashSet<>();
    private Iterator<AffinityKey> remembered = Collections.emptyIterator();
    private int outstanding;

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

    /** The store may have lost what it knew. */
    void restoreAll() {
        onThread(
                () -> {
                    remembered = sessions.remembered();
                    begun.set(true);
                    step();
                },
                0);
    }

    private void step() {
        for (Presumption next : pending.nextPresumptions(AT_ONCE - outstanding)) {
            if (!presumptions.contains(next) && sessions.settle(next, () -> heard(next))) {
                presumptions.add(next);
                outstanding++;
            }
        }
        for (AffinityKey key : pending.nextTouches(AT_ONCE - outstanding)) {
            confirm(key);
        }
        while (outstanding < AT_ONCE && remembered.hasNext()) {
            confirm(remembered.next());
        }
        if (outstanding > 0) {
            return; // the next answer goes on
        }
        if (!pending.isEmpty()) {
            onThread(this::step, PAUSE_MILLIS);
            return;
        }
        begun.set(false);
        if (!pending.isEmpty()) {
            begin(); // something came in between
        }
    }

    private void confirm(AffinityKey key) {
        if (sessions.confirm(key, () -> onThread(this::heard, 0))) {
            outstanding++;
        }
    }

    private void heard(Presumption which) {
        onThread(
                () -> {
                    presumptions.remove(which);
                    heard();
                },
                0);
    }

    private void heard() {
        outstanding--;
        step();
    }

    private void onThread(Runnable step, long delayMillis) {
        try {
            var unused = thread.schedule(step, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("the session map is closed", e);
        }
    }
}
