package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.health.HealthMonitor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the monitor compare the members from time to time, and notices which of them have become fit or unfit by that. The
 * next round begins an interval after the last one has ended, so rounds never pile up.
 */
final class HealthRounds implements AutoCloseable {

    // What only the clock shows, the end of a fail timeout for example, is noticed within this time by those who need
    // it.
    private static final Duration TURNS = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private final HealthMonitor monitor;
    private final Optional<StallWatch> stalls;
    private final ScheduledExecutorService scheduler;
    private final NanoClock clock;
    private final Duration interval;

    private volatile List<LiveNode> members = List.of();

    // Guarded by the monitor of this.
    private @Nullable Future<?> next;
    private boolean closed;

    /** @param noticesTurns whether members must be seen to turn fit without traffic, also if the monitor compares nothing */
    HealthRounds(
            HealthMonitor monitor,
            Optional<StallWatch> stalls,
            ScheduledExecutorService scheduler,
            NanoClock clock,
            boolean noticesTurns) {
        this.monitor = monitor;
        this.stalls = stalls;
        this.scheduler = scheduler;
        this.clock = clock;
        this.interval = monitor.interval().isZero() && noticesTurns ? TURNS : monitor.interval();
    }

    /** The members are these from now on. With the first of them the rounds begin. */
    void follow(List<LiveNode> nodes) {
        members = nodes;
        monitor.members(nodes.stream().map(node -> node.health().tracker()).toList());
        begin();
    }

    private synchronized void begin() {
        if (next == null) {
            schedule();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (next != null) {
            next.cancel(false);
        }
    }

    private synchronized void schedule() {
        long nanos = interval.toNanos();
        if (closed || nanos <= 0) {
            return;
        }
        try {
            next = scheduler.schedule(this::round, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("the scheduler has been shut down: health is judged by the outcomes alone");
        }
    }

    private void round() {
        try {
            long now = clock.nanos();
            stalls.ifPresent(watch -> watch.look(now));
            monitor.evaluate(now);
            members.forEach(node -> node.health().tell(now));
        } catch (RuntimeException e) {
            log.warn("a health policy threw; the traffic goes on", e);
        } finally {
            schedule();
        }
    }
}
