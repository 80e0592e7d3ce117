package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import dev.remora.redis.WriteBehind.Presumption;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

    // Of the thread alone.
    private final Set<Presumption> asked = new HashSet<>();
    private Iterator<AffinityKey> remembered = Collections.emptyIterator();
    private @Nullable AffinityKey next;
    private @Nullable Future<?> pause;
    private int outstanding;
    private boolean unanswered;

    /** What became of a question. */
    enum Asked {
        /** It was put; what follows its answer is run. */
        YES,
        /** There is no need for it. */
        NEEDLESS,
        /** The store is out of reach, or has enough to do. */
        NOT_NOW
    }

    Settling(SharedSessions sessions, WriteBehind pending, ScheduledExecutorService thread) {
        this.sessions = sessions;
        this.pending = pending;
        this.thread = thread;
    }

    /** There is something to tell. */
    void begin() {
        onThread(() -> {
            if (pause == null && outstanding == 0) {
                step();
            }
        });
    }

    /** The store may have lost what it knew. */
    void restoreAll() {
        onThread(() -> {
            remembered = sessions.remembered();
            next = null;
            step();
        });
    }

    private void step() {
        if (pause != null) {
            pause.cancel(false);
            pause = null;
        }
        tellPresumptions();
        tellTouches();
        tellRemembered();
        boolean more = !pending.isEmpty() || next != null || remembered.hasNext();
        if (outstanding == 0 && more) {
            pause();
        }
    }

    private void tellPresumptions() {
        for (Presumption presumption : pending.nextPresumptions(AT_ONCE - outstanding)) {
            if (!asked.contains(presumption)
                    && sessions.settle(presumption, answered -> heard(presumption, answered)) == Asked.YES) {
                asked.add(presumption);
                outstanding++;
            }
        }
    }

    private void tellTouches() {
        for (AffinityKey key : pending.nextTouches(AT_ONCE - outstanding)) {
            if (confirm(key, true) == Asked.NOT_NOW) {
                pending.touch(key);
            }
        }
    }

    private void tellRemembered() {
        while (outstanding < AT_ONCE && (next != null || remembered.hasNext())) {
            AffinityKey key = next == null ? remembered.next() : next;
            next = null;
            if (confirm(key, false) == Asked.NOT_NOW) {
                next = key;
                return;
            }
        }
    }

    private Asked confirm(AffinityKey key, boolean inUse) {
        Asked put = sessions.confirm(key, inUse, answered -> onThread(() -> heard(answered)));
        if (put == Asked.YES) {
            outstanding++;
        }
        return put;
    }

    private void heard(Presumption which, boolean answered) {
        onThread(() -> {
            asked.remove(which);
            heard(answered);
        });
    }

    // Where one is refused the next would be too, for now.
    private void heard(boolean answered) {
        outstanding--;
        unanswered |= !answered;
        if (!unanswered) {
            step();
        } else if (outstanding == 0) {
            unanswered = false;
            pause();
        }
    }

    private void pause() {
        try {
            pause = thread.schedule(this::step, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("the session map is closed", e);
        }
    }

    private void onThread(Runnable step) {
        try {
            thread.execute(step);
        } catch (RejectedExecutionException e) {
            log.debug("the session map is closed", e);
        }
    }
}
