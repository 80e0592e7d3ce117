package dev.remora.redis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One master and the way to it: it is reachable while there is a link. This is the circuit breaker: when a link is lost the
 * shard is open at once, for everybody, and one attempt after the other is made in the background to get a new link. Until
 * one stands no request sees Lettuce, so none waits and none pays for an exception.
 */
final class Shard {

    private static final Logger log = LoggerFactory.getLogger(RedisSessionMap.class);

    private static final long LEAST_PAUSE_MILLIS = 50;
    private static final long MOST_PAUSE_MILLIS = 1_000;

    private final String name;
    private final Supplier<CompletionStage<StatefulRedisConnection<String, String>>> connector;
    private final ScheduledExecutorService thread;
    private final RandomGenerator random;
    private final Watcher watcher;
    private final int mostWaiting;

    // Written on the thread alone; request threads read it once per question.
    private volatile @Nullable Link link;

    // Of the thread alone.
    private int attempts;
    private boolean toldLost;
    private boolean toldUntracked;
    private boolean closed;

    /**
     * A master that is not reachable yet.
     *
     * @param name host and port, for the log
     * @param connector makes one connection
     * @param thread runs all that changes it, one at a time
     */
    Shard(
            String name,
            Supplier<CompletionStage<StatefulRedisConnection<String, String>>> connector,
            ScheduledExecutorService thread,
            RandomGenerator random,
            int mostWaiting,
            Watcher watcher) {
        this.name = name;
        this.connector = connector;
        this.thread = thread;
        this.random = random;
        this.mostWaiting = mostWaiting;
        this.watcher = watcher;
    }

    /** Who is told what happens to shards. */
    interface Watcher {
        /** A link stands. On the shard's thread. */
        void reachable(Shard shard);

        /** A link was lost. On the shard's thread. */
        void lost(Shard shard);

        /** A master has forgotten all sessions. On Lettuce's thread. */
        void flushed();

        /** Somebody else has changed a session. On Lettuce's thread. */
        void invalidated(String key);
    }

    /** The link, while there is one. */
    @Nullable
    Link link() {
        return link;
    }

    /** Begins to look for a link; on the shard's thread. */
    void open() {
        if (closed) {
            return;
        }
        CompletionStage<StatefulRedisConnection<String, String>> attempt;
        try {
            attempt = connector.get();
        } catch (RuntimeException e) {
            failed(e);
            return;
        }
        attempt.whenComplete((connection, failure) -> onThread(() -> {
            if (failure != null) {
                failed(failure);
            } else if (closed) {
                CompletableFuture<Void> unused = connection.closeAsync();
            } else {
                track(connection);
            }
        }));
    }

    private void track(StatefulRedisConnection<String, String> connection) {
        // It may be lost before it is taken; then the attempt fails, and nobody was told of it.
        Link[] holder = new Link[1];
        Link fresh = new Link(connection, mostWaiting, watcher, why -> onThread(() -> lost(holder[0], why)));
        holder[0] = fresh;
        Runnable giveUp = () -> fresh.close();
        var timeout = thread.schedule(giveUp, MOST_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        fresh.track()
                .whenComplete((tracked, failure) -> onThread(() -> {
                    timeout.cancel(false);
                    if (failure != null || closed || fresh.isEnded()) {
                        fresh.close();
                        failed(failure == null ? new IllegalStateException("the connection broke") : failure);
                    } else {
                        take(fresh, tracked);
                    }
                }));
    }

    private void take(Link fresh, boolean tracked) {
        attempts = 0;
        link = fresh;
        if (!tracked && !toldUntracked) {
            toldUntracked = true;
            log.warn(
                    "{} does not track keys for this client (expected: RESP3, and a user that may use CLIENT TRACKING):"
                            + " every request with a key asks",
                    name);
        }
        log.info("{} is reachable: sessions are shared", name);
        toldLost = false;
        watcher.reachable(this);
    }

    private void lost(Link which, String why) {
        if (which.equals(link)) {
            link = null;
            tellLost(why);
            watcher.lost(this);
            open();
        }
    }

    private void failed(Throwable failure) {
        tellLost(reason(failure));
        long most = Math.min(MOST_PAUSE_MILLIS, LEAST_PAUSE_MILLIS << Math.min(attempts++, 5));
        long pause = random.nextLong(LEAST_PAUSE_MILLIS / 2, most + 1);
        if (!closed) {
            schedule(this::open, pause);
        }
    }

    private void tellLost(String why) {
        if (!toldLost && !closed) {
            toldLost = true;
            log.warn("{} {}: sessions are kept in this process until it is back", name, why);
        }
    }

    // The innermost message; Lettuce's outer ones repeat the address.
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return "is not reachable (" + root.getMessage() + ")";
    }

    private void onThread(Runnable step) {
        try {
            thread.execute(step);
        } catch (RejectedExecutionException e) {
            log.debug("{}: the session map is closed", name, e);
        }
    }

    private void schedule(Runnable step, long millis) {
        try {
            var unused = thread.schedule(step, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("{}: the session map is closed", name, e);
        }
    }

    /**
     * Gives up the master; on the shard's thread, or when that has ended.
     *
     * @return complete when its connection is closed
     */
    @CanIgnoreReturnValue
    CompletableFuture<Void> close() {
        closed = true;
        Link last = link;
        link = null;
        return last == null ? CompletableFuture.completedFuture(null) : last.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
