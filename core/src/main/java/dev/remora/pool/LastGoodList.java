package dev.remora.pool;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a source that may fail pushes through: the receiver keeps the last good list, whatever happens after it.
 *
 * <p>A list that equals the one before is not pushed again. A failure, and a list that names an id twice or that the
 * receiver refuses by an exception, changes nothing; each new reason is logged once, and so is the end of the trouble.
 * Closed, it pushes nothing more. Thread-safe; the receiver is called by one thread at a time.
 */
public final class LastGoodList implements BackendSource.Subscription {

    private static final Logger log = LoggerFactory.getLogger(BackendSource.class);

    private final String source;
    private final Consumer<List<Backend>> receiver;

    // Guards what follows, and the pushing itself: lists arrive in order, and none arrives after close() has returned.
    private final Object lock = new Object();
    private @Nullable List<Backend> last;
    private String trouble = "";
    private boolean closed;

    /**
     * Creates one that has pushed nothing.
     *
     * @param source how the log names the source
     * @param receiver takes the lists
     */
    public LastGoodList(String source, Consumer<List<Backend>> receiver) {
        this.source = Objects.requireNonNull(source);
        this.receiver = Objects.requireNonNull(receiver);
    }

    /**
     * Pushes the list to begin with, unless a list was pushed already.
     *
     * @throws IllegalArgumentException if it names an id twice
     * @throws RuntimeException whatever the receiver throws
     */
    public void begin(List<Backend> backends) {
        synchronized (lock) {
            if (last == null && !closed) {
                take(List.copyOf(backends));
            }
        }
    }

    /** Pushes a list if it is another than the last one. */
    public void push(List<Backend> backends) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (!backends.equals(last)) {
                try {
                    take(List.copyOf(backends));
                } catch (RuntimeException e) {
                    fail("a list of " + backends.size() + " back ends is refused: " + e.getMessage());
                    return;
                }
            }
            if (!trouble.isEmpty()) {
                trouble = "";
                log.info("{}: good again, {} back ends", source, backends.size());
            }
        }
    }

    /** Says that there is no list to push now. */
    public void fail(String reason) {
        synchronized (lock) {
            if (!closed && !trouble.equals(reason)) {
                trouble = reason;
                log.warn(
                        "{}: {}; the last good list stays, {} back ends",
                        source,
                        reason,
                        last == null ? 0 : last.size());
            }
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
    }

    private void take(List<Backend> backends) {
        Set<BackendId> ids = new HashSet<>();
        for (Backend backend : backends) {
            if (!ids.add(backend.id())) {
                throw new IllegalArgumentException("backend id: " + backend.id() + " (expected: each id once)");
            }
        }
        receiver.accept(backends);
        last = backends;
    }
}
