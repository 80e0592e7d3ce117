package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.health.HealthProbe;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Asks each member from time to time whether it is fit. The next question to a back end is put an interval after the
 * last answer, so questions never pile up; intervals vary by a tenth, so that gateways do not ask in step.
 *
 * <p>The scheduler only tells when; what may wait for a back end runs on the executor of the probes.
 */
final class ProbeLoop implements AutoCloseable {

    // Only those that look up names, or wait though they should not, keep a thread busy.
    private static final int MAX_THREADS = 16;
    private static final int IDLE_SECONDS = 30;

    private final HealthProbe.Prober prober;
    private final HealthProbe.Timing timing;
    private final Timers timers;
    private final Executor executor;
    private final Optional<ExecutorService> own;
    private final NanoClock clock;
    private final RandomGenerator random;
    private final Runnable reweigh;

    // Guarded by the monitor. By what the verdicts go to: the same id at another address is asked anew.
    private Map<NodeHealth, ProbeTarget> targets = Map.of();
    private boolean closed;

    ProbeLoop(
            HealthProbe probe,
            Optional<Executor> given,
            Timers timers,
            NanoClock clock,
            RandomGenerator random,
            Runnable reweigh) {
        this.timers = timers;
        this.own = given.isPresent() ? Optional.empty() : Optional.of(threads());
        this.executor = given.orElseGet(own::orElseThrow);
        this.prober = probe.prober(executor);
        this.timing = probe.timing();
        this.clock = clock;
        this.random = random;
        this.reweigh = reweigh;
    }

    /** The members are these from now on. */
    void follow(List<LiveNode> nodes) {
        change(nodes).forEach(ProbeTarget::leave);
    }

    // Those that are asked no more. What is under way is cancelled without a lock: others may wait for its end.
    private synchronized Collection<ProbeTarget> change(List<LiveNode> nodes) {
        if (closed) {
            return List.of();
        }
        Map<NodeHealth, ProbeTarget> next = new HashMap<>();
        for (LiveNode node : nodes) {
            ProbeTarget target = targets.get(node.health());
            if (target == null) {
                target = new ProbeTarget(this, node);
                later(target::ask, Duration.ZERO);
            }
            target.describedAs(node);
            next.put(node.health(), target);
        }
        Map<NodeHealth, ProbeTarget> gone = new HashMap<>(targets);
        gone.keySet().removeAll(next.keySet());
        targets = next;
        return gone.values();
    }

    @Override
    public void close() {
        Closing.inOrder(
                () -> end().forEach(ProbeTarget::leave),
                prober::close,
                () -> own.ifPresent(ExecutorService::shutdownNow));
    }

    private synchronized Collection<ProbeTarget> end() {
        Collection<ProbeTarget> gone = targets.values();
        closed = true;
        targets = Map.of();
        return gone;
    }

    HealthProbe.Prober prober() {
        return prober;
    }

    HealthProbe.Timing timing() {
        return timing;
    }

    long nanos() {
        return clock.nanos();
    }

    Duration varied(Duration interval) {
        return interval.multipliedBy(90 + random.nextInt(21)).dividedBy(100);
    }

    /** A back end wishes another share. */
    void reweigh() {
        reweigh.run();
    }

    void later(Runnable task, Duration delay) {
        timers.after(delay.toNanos(), task);
    }

    /** Runs what may block; one that is not taken is given up when its time is over. */
    boolean tryRun(Runnable call) {
        try {
            executor.execute(call);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private static ExecutorService threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Scheduler.daemon("probe"));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }
}
