package dev.remora;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.NanoClock;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.ResponseView;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.http.TrustedProxies;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.session.Binding;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The life of a request: guards, the tie to a back end, the place, the lease, and what follows from its end.
 *
 * <p>A request reads the generation once for each place it looks for. No lock is held while user code (guards, rules,
 * strategies, listeners) runs.
 */
final class Engine implements AutoCloseable {

    private final NanoClock clock;
    private final RandomGenerator random;
    private final TrustedProxies trustedProxies;
    private final List<Guard> guards;
    private final Optional<AffinityRule> affinity;
    private final CookieTies ties;
    private final Placement placement;
    private final Optional<Sessions> sessions;
    private final BalancerListener listeners;
    private final RetryBudget retryBudget;
    private final Scheduler scheduler;
    private final Optional<ProbeLoop> probes;
    private final PassiveHealth health;
    private final Panic panic;
    private final PoolWriter writer;
    private final BackendSource.Subscription source;
    private final LongAdder refused = new LongAdder();
    private final StreamEnds ends;
    private final boolean looksAtActivity;

    // Written only by PoolWriter, one at a time; request threads read it once per place they look for.
    private volatile Generation generation = Generation.EMPTY;
    private volatile boolean closed;

    Engine(LoadBalancerBuilder config) {
        this.clock = config.clock;
        this.random = config.random;
        this.trustedProxies = config.trustedProxies;
        this.guards = List.copyOf(config.guards);
        this.affinity = config.affinity;
        this.ties = new CookieTies(config.cookie, config.fallback, random);
        this.placement = new Placement(this, config.fallback, clock, config.sessions.isPresent());
        this.sessions = config.sessions.map(map -> new Sessions(map, config.fallback));
        this.panic = new Panic(config.panicThreshold);
        this.listeners = new Listeners(panic.among(config.listeners));
        this.scheduler = Scheduler.of(config.scheduler);
        this.ends = new StreamEnds(config, new Timers(scheduler.executor()), listeners, this::takesMore);
        this.health = new PassiveHealth(
                config.health, config.coolDown(), random, clock, scheduler.executor(), ends.openStreams());
        this.retryBudget = new RetryBudget(clock);
        this.probes = config.probe.map(probe ->
                new ProbeLoop(probe, config.probeExecutor, scheduler.executor(), clock, random, this::reweigh));
        this.looksAtActivity = config.rebalance.isPresent();
        Newcomers newcomers = new Newcomers(config, health, scheduler.executor(), listeners, this::reweigh);
        this.writer = new PoolWriter(
                config.strategy,
                (backend, allLoad) -> newcomers.node(backend, allLoad, generation.size() == 0),
                scheduler.executor(),
                this::publish);
        this.source = config.source.orElseThrow().subscribe(writer::accept);
        ends.begin();
    }

    CompletionStage<Pick> acquire(RequestView request) {
        Attempt attempt = attempt(request);
        Refusal refusal = admit(attempt, request);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refuse(attempt, refusal));
        }
        if (sessions.isEmpty() || !sessions.get().concern(attempt)) {
            return CompletableFuture.completedFuture(handOut(attempt, place(attempt)));
        }
        return sessions.get()
                .find(attempt.key.orElseThrow())
                .thenCompose(binding -> {
                    attempt.bind(binding);
                    return placeAndAgree(attempt);
                })
                .thenApply(pick -> handOut(attempt, pick));
    }

    Pick tryAcquire(RequestView request) {
        Attempt attempt = attempt(request);
        Refusal refusal = admit(attempt, request);
        if (refusal != null) {
            return refuse(attempt, refusal);
        }
        if (sessions.isPresent() && sessions.get().concern(attempt)) {
            attempt.bind(sessions.get().peek(attempt.key.orElseThrow()));
        }
        return handOut(attempt, placeNow(attempt));
    }

    /** The next try of a request whose last one failed. */
    Pick next(Attempt attempt, BackendId failed, Outcome.Failure failure) {
        attempt.markTried(failed);
        if (closed) {
            return refuse(attempt, Refusal.of(Refusal.Reason.CLOSED));
        }
        // A connect that failed cost the pool nothing, and the request must move or be lost.
        boolean free = failure.kind() == FailureKind.CONNECT;
        if (!free && !retryBudget.tryWithdraw()) {
            return refuse(attempt, Refusal.of(Refusal.Reason.RETRIES_SPENT));
        }
        return handOut(attempt, placeNow(attempt));
    }

    void responded(StreamLease lease, ResponseView response, long pickedAt) {
        long now = clock.nanos();
        lease.node.counters().responded();
        health.responded(lease, response, now - pickedAt, now);
        listeners.responded(lease.backend(), response.status(), now - pickedAt);
    }

    void ended(StreamLease lease, Outcome outcome, long pickedAt, long bytes, long events) {
        long now = clock.nanos();
        ends.forget(lease);
        NodeCounters counters = lease.node.counters();
        if (outcome instanceof Outcome.Success) {
            counters.succeeded.increment();
        } else if (outcome instanceof Outcome.Failure) {
            counters.failed.increment();
        } else {
            counters.cancelled.increment();
        }
        health.ended(lease, outcome, now - pickedAt, now);
        listeners.ended(lease.backend(), outcome, now - pickedAt, bytes, events);
    }

    PassiveHealth health() {
        return health;
    }

    CookieTies ties() {
        return ties;
    }

    void watch(StreamLease lease) {
        ends.watch(lease);
    }

    /** A stream has left its node, and what it became has entered another one. */
    void left(LiveNode node) {
        ends.left(node);
    }

    StreamEnds ends() {
        return ends;
    }

    /** Whether somebody asks for how long nothing has flowed on a stream. */
    boolean looksAtActivity() {
        return looksAtActivity;
    }

    /** A reading of the clock in ticks of about a millisecond, of which only differences up to 25 days mean something. */
    static int tick(long nanos) {
        return (int) (nanos >> 20);
    }

    boolean fit(LiveNode node) {
        return node.health().spotless() || node.health().fit(clock.nanos());
    }

    /** Whether so few members are fit that their health is ignored. */
    boolean panics() {
        return panic.isOn();
    }

    // Whether it is a measure for the others, and a place for what they lose.
    private boolean takesMore(LiveNode node) {
        return !node.keepsOut(false) && fit(node) && !node.health().cooling(clock.nanos());
    }

    long randomBits() {
        return random.nextLong();
    }

    long nanos() {
        return clock.nanos();
    }

    TrustedProxies trustedProxies() {
        return trustedProxies;
    }

    BalancerStats stats() {
        Generation now = generation;
        long nanos = clock.nanos();
        return new BalancerStats(
                now.snapshot().version(),
                refused.sum(),
                now.nodes().stream().map(node -> node.stats(nanos)).toList());
    }

    @Override
    public void close() {
        closed = true;
        source.close();
        probes.ifPresent(ProbeLoop::close);
        health.close();
        scheduler.close();
        ends.close();
    }

    private void reweigh() {
        writer.reweigh();
    }

    private void publish(Generation next) {
        generation = next;
        panic.follow(next.nodes());
        health.follow(next.nodes());
        ends.follow(next.nodes());
        probes.ifPresent(loop -> loop.follow(next.nodes()));
        listeners.membershipChanged(next.snapshot().version(), next.size());
    }

    private Attempt attempt(RequestView request) {
        ClientOrigin origin = trustedProxies.origin(request);
        Optional<AffinityKey> key = affinity.isPresent() ? affinity.get().key(request, origin) : Optional.empty();
        return new Attempt(this, origin, key, ties.read(request));
    }

    private @Nullable Refusal admit(Attempt attempt, RequestView request) {
        if (closed || ends.refuses()) {
            return Refusal.of(Refusal.Reason.CLOSED);
        }
        retryBudget.deposit();
        return guards.isEmpty() ? null : askGuards(attempt, request);
    }

    private @Nullable Refusal askGuards(Attempt attempt, RequestView request) {
        ClientOrigin origin = new ClientOrigin(attempt.clientAddress(), attempt.secure);
        try {
            for (Guard guard : guards) {
                Admission admission = guard.admit(request, origin);
                if (admission instanceof Admission.Denied denied) {
                    return new Refusal(Refusal.Reason.DENIED, denied.why(), denied.retryAfter());
                }
                attempt.hold(((Admission.Admitted) admission).permit());
            }
            return null;
        } catch (RuntimeException | Error e) {
            // What the user's own code throws goes on to the caller, but nothing that was granted stays held.
            attempt.releasePermits();
            throw e;
        }
    }

    // Who is refused by members that have been replaced meanwhile asks those that are there now.
    private Pick place(Attempt attempt) {
        try {
            Generation current;
            Pick pick;
            do {
                current = generation;
                pick = placement.place(attempt, current);
            } while (pick instanceof Refusal && current.isOlderThan(generation));
            return pick;
        } catch (RuntimeException | Error e) {
            attempt.releasePermits();
            throw e;
        }
    }

    private Pick placeNow(Attempt attempt) {
        Pick placed = place(attempt);
        if (!(placed instanceof StreamLease lease) || !mustLearn(lease)) {
            return placed;
        }
        CompletableFuture<Binding> winner = learn(lease);
        // What a shared map has not answered by now it will be told behind our back: this stream stays where it is.
        boolean known = winner.isDone() && !winner.isCompletedExceptionally();
        return known ? follow(lease, winner.join()) : lease;
    }

    private CompletionStage<Pick> placeAndAgree(Attempt attempt) {
        Pick placed = place(attempt);
        if (!(placed instanceof StreamLease lease) || !mustLearn(lease)) {
            return CompletableFuture.completedFuture(placed);
        }
        return learn(lease).handle((winner, failure) -> failure == null ? follow(lease, winner) : lease);
    }

    private boolean mustLearn(StreamLease lease) {
        return sessions.isPresent()
                && sessions.get().mustLearn(lease.attempt, lease.backend().id());
    }

    private CompletableFuture<Binding> learn(StreamLease lease) {
        return sessions.orElseThrow().learn(lease.attempt, lease.backend().id());
    }

    // The first writer wins: who lost the race leaves its place and enters the winner's, if that can serve.
    private Pick follow(StreamLease lease, Binding winner) {
        Attempt attempt = lease.attempt;
        attempt.bind(Optional.of(winner));
        if (winner.backend().equals(lease.backend().id())) {
            return lease;
        }
        StreamLease other = placement.enterBound(attempt, attempt.generation(), winner.backend());
        if (other == null) {
            return lease;
        }
        lease.vacate();
        return other;
    }

    private Pick handOut(Attempt attempt, Pick pick) {
        if (!(pick instanceof StreamLease lease)) {
            return refuse(attempt, (Refusal) pick);
        }
        attempt.placed();
        lease.node.counters().picked.increment();
        if (!lease.node.health().spotless()) {
            lease.node.health().admitted(clock.nanos());
        }
        listeners.picked(lease.backend(), lease.reason());
        return lease;
    }

    private Refusal refuse(Attempt attempt, Refusal refusal) {
        attempt.releasePermits();
        refused.increment();
        listeners.refused(refusal);
        return refusal;
    }
}
