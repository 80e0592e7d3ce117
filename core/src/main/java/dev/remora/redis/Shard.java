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

    private static final long LEAST_PAUSE_MILLIS = 50;
    private static final long MOST_PAUSE_MILLIS = 1_000;

    private final String name;
    private final Supplier<CompletionStage<StatefulRedisConnection<String, String>>> connector;
    private final ScheduledExecutorService thread;
    private final RandomGenerator random;
    private final Watcher watcher;
    private final int mostWaiting;
    private final Purpose purpose;
    private final Logger log;

    // Written on the thread alone; request threads read it once per question.
    private volatile @Nullable Link link;

    // Of the thread alone.
    private int attempts;
    private Told told = Told.NOTHING;
    private boolean toldUntracked;

    // Written on the thread, or when that has ended; what ends an attempt comes from Lettuce.
    private volatile boolean closed;
    private volatile CompletableFuture<Void> attempt = CompletableFuture.completedFuture(null);

    private enum Told {
        NOTHING,
        REACHABLE,
        LOST
    }

    /**
     * A master that is not reachable yet.
     *
     * @param name host and port, for the log
     * @param connector makes one connection
     * @param around whose thread runs all that changes it, one at a time
     */
    Shard(
            String name,
            Supplier<CompletionStage<StatefulRedisConnection<String, String>>> connector,
            Redis.Surroundings around) {
        this.name = name;
        this.connector = connector;
        this.thread = around.thread();
        this.random = around.random();
        this.mostWaiting = around.mostWaiting();
        this.watcher = around.watcher();
        this.purpose = around.purpose();
        this.log = LoggerFactory.getLogger(purpose.owner());
    }

    /** Who is told what happens to shards. What it throws is its own affair. */
    interface Watcher {
        /** A link stands, a new one. On the shard's thread. */
        void linked();

        /** A link was lost. On the shard's thread. */
        void unlinked();

        /** The shard answers, or does so no more: once for each change, on the shard's thread. */
        void reachabilityChanged(Shard shard, boolean reachable);

        /** A master that tracks has forgotten all keys. On Lettuce's thread. */
        default void flushed() {}

        /** Somebody else has changed a key that is tracked. On Lettuce's thread. */
        default void invalidated(String key) {}
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
        CompletableFuture<Void> over = new CompletableFuture<>();
        attempt = over;
        CompletionStage<StatefulRedisConnection<String, String>> connecting;
        try {
            connecting = connector.get();
        } catch (RuntimeException e) {
            over.complete(null);
            failed(e);
            return;
        }
        connecting.whenComplete((connection, failure) -> {
            if (failure != null) {
                over.complete(null);
                onThread(() -> failed(failure), () -> {});
            } else {
                onThread(() -> track(connection, over), () -> drop(connection, over));
            }
        });
    }

    private void track(StatefulRedisConnection<String, String> connection, CompletableFuture<Void> over) {
        Link fresh = new Link(connection, mostWaiting, watcher, this::works, this::lost);
        if (closed) {
            giveUp(fresh, over);
            return;
        }
        var timeout = thread.schedule(() -> giveUp(fresh, over), MOST_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        fresh.begin(purpose.tracks())
                .whenComplete((tracked, failure) -> onThread(
                        () -> {
                            timeout.cancel(false);
                            if (failure != null || closed || fresh.isEnded()) {
                                giveUp(fresh, over);
                                failed(failure == null ? new IllegalStateException("the connection broke") : failure);
                            } else {
                                take(fresh, tracked || !purpose.tracks());
                                over.complete(null);
                            }
                        },
                        () -> giveUp(fresh, over)));
    }

    private static void drop(StatefulRedisConnection<String, String> connection, CompletableFuture<Void> over) {
        CompletableFuture<Void> unused = connection.closeAsync().whenComplete((done, failure) -> over.complete(null));
    }

    private static void giveUp(Link fresh, CompletableFuture<Void> over) {
        CompletableFuture<Void> unused = fresh.close().whenComplete((done, failure) -> over.complete(null));
    }

    private void take(Link fresh, boolean tracked) {
        link = fresh;
        if (!tracked && !toldUntracked) {
            toldUntracked = true;
            log.warn(
                    "{} does not track keys for this client (expected: RESP3, and a user that may use CLIENT TRACKING):"
                            + " every request with a key asks",
                    name);
        }
        if (told == Told.NOTHING) {
            tellReachable();
        }
        watcher.linked();
    }

    // A connection alone is no answer: a server may greet, and refuse all that is asked.
    private void works() {
        onThread(
                () -> {
                    attempts = 0;
                    if (told == Told.LOST) {
                        tellReachable();
                    }
                },
                () -> {});
    }

    private void lost(Link which, String why) {
        onThread(
                () -> {
                    if (which.equals(link)) {
                        link = null;
                        if (which.isProved()) {
                            open();
                        } else {
                            pause();
                        }
                        tellLost(why);
                        watcher.unlinked();
                    }
                },
                () -> {});
    }

    private void failed(Throwable failure) {
        pause();
        tellLost(reason(failure));
    }

    private void pause() {
        long most = Math.min(MOST_PAUSE_MILLIS, LEAST_PAUSE_MILLIS << Math.min(attempts++, 5));
        long pause = random.nextLong(LEAST_PAUSE_MILLIS / 2, most + 1);
        if (!closed) {
            schedule(this::open, pause);
        }
    }

    private void tellReachable() {
        told = Told.REACHABLE;
        log.info("{} is reachable: {}", name, purpose.reachable());
        watcher.reachabilityChanged(this, true);
    }

    private void tellLost(String why) {
        if (told == Told.LOST || closed) {
            return;
        }
        boolean wasReachable = told == Told.REACHABLE;
        told = Told.LOST;
        log.warn("{} {}: {} until it is back", name, why, purpose.lost());
        if (wasReachable) {
            watcher.reachabilityChanged(this, false);
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

    private void onThread(Runnable step, Runnable otherwise) {
        try {
            thread.execute(step);
        } catch (RejectedExecutionException e) {
            log.debug("{} is closed", name, e);
            otherwise.run();
        }
    }

    private void schedule(Runnable step, long millis) {
        try {
            var unused = thread.schedule(step, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("{} is closed", name, e);
        }
    }

    /**
     * Gives up the master; on the shard's thread, or when that has ended.
     *
     * @return complete when no connection of it is open any more
     */
    @CanIgnoreReturnValue
    CompletableFuture<Void> close() {
        closed = true;
        Link last = link;
        link = null;
        return last == null ? attempt : CompletableFuture.allOf(last.close(), attempt);
    }

    @Override
    public String toString() {
        return name;
    }
}
