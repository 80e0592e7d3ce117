package dev.remora.redis;

import dev.remora.exchange.NanoClock;
import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Puts questions to the master that a key belongs to, each with a deadline. Thread-safe; no method blocks. */
final class Questions {

    private final Topology topology;
    private final ScheduledExecutorService thread;
    private final NanoClock clock;
    private final long deadlineNanos;
    private final LongAdder late = new LongAdder();
    private final LongAdder refused = new LongAdder();

    Questions(Topology topology, ScheduledExecutorService thread, NanoClock clock, Duration deadline) {
        this.topology = topology;
        this.thread = thread;
        this.clock = clock;
        this.deadlineNanos = deadline.toNanos();
    }

    /**
     * Makes something of an answer.
     *
     * @param <T> what it makes of it
     */
    @FunctionalInterface
    interface Reader<T> {
        /**
         * Reads an answer, on Lettuce's thread, in the order in which Redis gave its answers and told of changes.
         *
         * @param answer nothing when the key does not exist
         * @param vouch for how long the answer holds
         */
        Optional<T> read(@Nullable String answer, Vouch vouch);
    }

    /** Whether there is anybody to ask for a key. */
    boolean reach(String name) {
        return topology.shardOf(name).link() != null;
    }

    /** The link by which to ask for a key, entered; nothing when it is out of reach or too many wait already. */
    @Nullable
    Link enter(String name) {
        Link link = topology.shardOf(name).link();
        return link != null && link.enter() ? link : null;
    }

    /**
     * Asks.
     *
     * @param ask by one who has entered the link
     */
    <T> void put(Ask<T> ask, Link link, Call call, Reader<T> reader) {
        Future<?> deadline;
        try {
            long due = clock.nanos() + deadlineNanos;
            deadline = thread.schedule(() -> expire(ask, link, due), deadlineNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // It is closed.
            ask.settle();
            ask.complete(Optional.empty());
            return;
        }
        link.run(call).whenComplete((answer, failure) -> {
            if (failure == null) {
                hear(ask, deadline, reader, answer, link.vouch());
            } else {
                redirect(ask, deadline, link, call, reader, failure);
            }
        });
    }

    private <T> void hear(Ask<T> ask, Future<?> deadline, Reader<T> reader, @Nullable String answer, Vouch vouch) {
        deadline.cancel(false);
        Optional<T> read = Optional.empty();
        try {
            read = reader.read(answer, vouch);
        } finally {
            ask.settle();
            ask.complete(read);
        }
    }

    private <T> void hearNothing(Ask<T> ask, Future<?> deadline) {
        deadline.cancel(false);
        ask.settle();
        ask.complete(Optional.empty());
    }

    private <T> void expire(Ask<T> ask, Link link, long due) {
        if (ask.complete(Optional.empty())) {
            late.increment();
            // When this thread itself is late the process was stopped, and nothing can be said of Redis.
            if (clock.nanos() - due < deadlineNanos) {
                link.timedOut();
            }
        }
    }

    // ---- errors, of which a Cluster's "not here" is one

    private <T> void redirect(
            Ask<T> ask, Future<?> deadline, Link link, Call call, Reader<T> reader, Throwable failure) {
        String error = errorOf(failure);
        boolean moved = error.startsWith("MOVED ");
        boolean moving = error.startsWith("ASK ");
        if (!moved && !moving) {
            if (!error.isEmpty()) {
                refused.increment();
                link.refused(error);
            }
            hearNothing(ask, deadline);
            return;
        }
        if (moved) {
            topology.outdated();
        }
        String address = error.substring(error.lastIndexOf(' ') + 1);
        Link other = topology.shardAt(address).map(Shard::link).orElse(null);
        if (other == null) {
            hearNothing(ask, deadline);
            return;
        }
        CompletionStage<@Nullable String> second = moving ? other.runAsking(call) : other.run(call);
        second.whenComplete((answer, again) -> {
            if (again == null) {
                // What is just moving is not tracked yet where it will be.
                hear(ask, deadline, reader, answer, moving ? Vouch.none() : other.vouch());
            } else {
                hearNothing(ask, deadline);
            }
        });
    }

    /** How many were not answered by their deadline. */
    long late() {
        return late.sum();
    }

    /** How many Redis has answered with an error. */
    long refused() {
        return refused.sum();
    }

    // What Redis says; nothing when it has not spoken: then the link ends by itself.
    private static String errorOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        boolean spoken = cause instanceof RedisCommandExecutionException;
        return spoken && cause.getMessage() != null ? cause.getMessage() : "";
    }
}
