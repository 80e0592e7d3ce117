package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.health.HealthProbe;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Asks each member from time to time whether it is fit. The next question to a back end is put an interval after the
 * last answer, so questions never pile up; intervals vary by a tenth, so that gateways do not ask in step.
 */
final class ProbeLoop implements AutoCloseable {

    private static final int WORKERS = 2;

    private final HealthProbe.Prober prober;
    private final HealthProbe.Timing timing;
    private final ScheduledExecutorService scheduler;
    private final ExecutorService workers;
    private final NanoClock clock;
    private final RandomGenerator random;

    // Guarded by the monitor. By what the verdicts go to: the same id at another address is asked anew.
    private Map<NodeHealth, Target> targets = Map.of();
    private boolean closed;

    ProbeLoop(HealthProbe probe, ScheduledExecutorService scheduler, NanoClock clock, RandomGenerator random) {
        this.scheduler = scheduler;
        this.workers = Executors.newFixedThreadPool(WORKERS, Scheduler.daemon("probe"));
        this.prober = probe.prober(workers);
        this.timing = probe.timing();
        this.clock = clock;
        this.random = random;
    }

    /** The members are these from now on. */
    synchronized void follow(List<LiveNode> nodes) {
        if (closed) {
            return;
        }
        Map<NodeHealth, Target> next = new HashMap<>();
        for (LiveNode node : nodes) {
            NodeHealth health = node.health();
            Target target = targets.get(health);
            if (target == null) {
                target = new Target(node);
                schedule(target::ask, Duration.ZERO);
            }
            target.node = node;
            next.put(health, target);
        }
        targets.forEach((health, target) -> target.gone = !next.containsKey(health));
        targets = next;
    }

    @Override
    public synchronized void close() {
        closed = true;
        targets.values().forEach(target -> target.gone = true);
        targets = Map.of();
        workers.shutdownNow();
    }

    private void schedule(Runnable task, Duration delay) {
        try {
            Future<?> unused = scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The scheduler has been shut down, so nobody waits for this any more.
        }
    }

    private Duration varied(Duration interval) {
        return interval.multipliedBy(90 + random.nextInt(21)).dividedBy(100);
    }

    /** One back end under question. */
    private final class Target {

        // Written by whoever changes the membership, read by the scheduler's thread.
        volatile LiveNode node;
        volatile boolean gone;

        // Answers in a row that speak against the present verdict. Each answer is noted before the next question is
        // put, and the scheduler orders the two.
        private int contrary;
        private boolean fit;

        Target(LiveNode node) {
            this.node = node;
            // A back end that returns while streams of its are open still has the verdict that it left with.
            this.fit = node.health().probeFit();
        }

        void ask() {
            if (gone) {
                return;
            }
            CompletableFuture<Boolean> answer = question();
            schedule(() -> answer.cancel(true), timing.timeout());
            CompletableFuture<Boolean> unused = answer.whenComplete((passed, failure) -> {
                note(failure == null && passed);
                schedule(this::ask, varied(timing.interval()));
            });
        }

        private CompletableFuture<Boolean> question() {
            try {
                return prober.probe(node.backend());
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        private void note(boolean passed) {
            contrary = passed == fit ? 0 : contrary + 1;
            if (!gone && contrary >= (fit ? timing.fall() : timing.rise())) {
                fit = passed;
                contrary = 0;
                node.health().probed(fit, clock.nanos());
            }
        }
    }
}
