package dev.remora;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One drain under way.
 *
 * <p>The phase only goes forward, under the monitor; nothing of the user's is called there. A stream that gets its listener
 * is put into the registry first and looks for a drain then; a drain changes its phase first and looks into the registry
 * then: so none is missed, and one that is found twice is told once.
 */
final class DrainRun implements Draining {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private final StreamEnds ends;
    private final DrainScope scope;
    private final Drain plan;
    private final EndRequest polite;
    private final EndRequest last;
    private final long begunAt;
    private final Asks asks;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger cut = new AtomicInteger();

    private volatile Phase phase = Phase.SOFT;
    // Whether its back end has left the source. Written by the one who publishes generations.
    private volatile boolean departed;
    // Written before the gate publishes this drain.
    private CompletableFuture<Void> empty = new CompletableFuture<>();
    // Guarded by the monitor.
    private final List<Timers.Timer> deadlines = new ArrayList<>();

    DrainRun(StreamEnds ends, DrainScope scope, Drain plan) {
        this.ends = ends;
        this.scope = scope;
        this.plan = plan;
        this.polite = plan.request(scope.reason(), EndRequest.Urgency.POLITE);
        this.last = plan.request(scope.reason(), EndRequest.Urgency.NOW);
        this.begunAt = ends.nanos();
        this.asks = new Asks(ends.clock(), ends.timers(), this::ask);
    }

    /** Puts itself in force, in the place of an earlier one. */
    DrainRun begin() {
        DrainRun before = scope.gate().take(this, plan.soft().isZero() ? Gate.SHUT : scope.firstLevel());
        ends.gateMoved();
        if (before != null) {
            before.close(Phase.REPLACED);
            before.withdraw();
        }
        log.info("{} begins with {} open streams: {}", scope.name(), openStreams(), plan);
        at(plan.hard().toNanos(), this::endAll);
        if (plan.soft().isZero()) {
            startClosing();
        } else {
            at(plan.soft().toNanos(), this::startClosing);
            settle();
        }
        return this;
    }

    /** A stream has got a listener, or has lost the wish of another drain. */
    void meet(StreamLease lease) {
        if (!scope.covers().test(lease)) {
            return;
        }
        Phase now = phase;
        if (now == Phase.CLOSING) {
            long left = begunAt + plan.soft().plus(plan.spread()).toNanos() - ends.nanos();
            asks.add(ends.nanos() + (long) (ends.chance() * Math.max(0, left)), lease, polite);
        } else if (now == Phase.OVERDUE) {
            ask(lease, last);
        }
    }

    /** Whether the members still hold its back end. */
    void follow(boolean member) {
        departed = !member;
        settle();
        if (departed && phase == Phase.EMPTY) {
            scope.gate().release(this);
        }
    }

    /** Reports zero, if it is reached for good. */
    void settle() {
        boolean lasts = phase != Phase.SOFT || !scope.admitsWhileSoft() || departed || ends.closed();
        if (lasts && openStreams() == 0 && move(Phase.EMPTY)) {
            stop();
            if (departed) {
                scope.gate().release(this);
            } else {
                scope.gate().move(this, Gate.SHUT);
            }
            ends.timers().now(this::report);
        }
    }

    @Override
    public CompletionStage<Void> empty() {
        return empty.minimalCompletionStage();
    }

    @Override
    public long openStreams() {
        return scope.openStreams().getAsLong();
    }

    @Override
    public Phase phase() {
        return phase;
    }

    @Override
    public boolean cancel() {
        if (!scope.gate().release(this)) {
            return false;
        }
        ends.gateMoved();
        Phase before = close(Phase.CANCELLED);
        log.info("{} is cancelled, {} streams were asked to end", scope.name(), asked.get());
        withdraw();
        if (before != Phase.EMPTY) {
            empty.completeExceptionally(new CancellationException(scope.name() + " was cancelled"));
        }
        return true;
    }

    /** Reports to those who wait for an earlier one. Called before anybody knows this one. */
    void inherit(DrainRun before) {
        // One that has reached zero reports it by itself, and that is no news of this one.
        if (before.phase != Phase.EMPTY && !before.empty.isDone()) {
            empty = before.empty;
        }
    }

    private void startClosing() {
        if (!move(Phase.CLOSING)) {
            return;
        }
        scope.gate().move(this, Gate.SHUT);
        ends.gateMoved();
        List<StreamLease> streams = streams();
        long now = ends.nanos();
        // One stream in each equal part of the time, at a random instant of it: as even as it can be, and in no step.
        double part = (double) plan.spread().toNanos() / Math.max(1, streams.size());
        for (int i = 0; i < streams.size(); i++) {
            asks.add(now + (long) ((i + ends.chance()) * part), streams.get(i), polite);
        }
        settle();
    }

    private void endAll() {
        if (!move(Phase.OVERDUE)) {
            return;
        }
        scope.gate().move(this, Gate.SHUT);
        ends.gateMoved();
        asks.close();
        for (StreamLease lease : streams()) {
            ask(lease, last);
        }
        settle();
    }

    private void ask(StreamLease lease, EndRequest request) {
        if (ends.ask(lease, request)) {
            (request.urgency() == EndRequest.Urgency.NOW ? cut : asked).incrementAndGet();
        }
        if (phase == Phase.CANCELLED || phase == Phase.REPLACED) {
            ends.withdraw(lease, request);
        }
    }

    private void withdraw() {
        for (StreamLease lease : streams()) {
            ends.withdraw(lease, polite);
            ends.withdraw(lease, last);
        }
    }

    private List<StreamLease> streams() {
        List<StreamLease> streams = new ArrayList<>();
        ends.openStreams().forEachListening(lease -> {
            if (scope.covers().test(lease)) {
                streams.add(lease);
            }
        });
        return streams;
    }

    private void report() {
        long seconds = (ends.nanos() - begunAt) / 1_000_000_000L;
        log.info(
                "{} is done after {} s: {} streams were asked to end, {} at the hard deadline",
                scope.name(),
                seconds,
                asked.get(),
                cut.get());
        scope.backend().ifPresent(ends.listener()::drained);
        empty.complete(null);
    }

    private synchronized boolean move(Phase next) {
        if (phase.compareTo(next) >= 0) {
            return false;
        }
        phase = next;
        return true;
    }

    private synchronized Phase close(Phase end) {
        Phase before = phase;
        phase = end;
        stop();
        return before;
    }

    private synchronized void stop() {
        asks.close();
        deadlines.forEach(Timers.Timer::cancel);
        deadlines.clear();
    }

    private synchronized void at(long delayNanos, Runnable step) {
        if (phase.compareTo(Phase.EMPTY) < 0) {
            deadlines.add(ends.timers().after(delayNanos, step));
        }
    }
}
