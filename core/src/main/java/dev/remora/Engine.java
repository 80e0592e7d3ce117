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
import dev.remora.guard.Credentials;
import dev.remora.guard.Guard;
import dev.remora.guard.Visitor;
import dev.remora.http.HeaderEdits;
import dev.remora.http.TrustedProxies;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a request: guards, the tie to a back end, the place, the lease, and what follows from its end.
 *
 * <p>A request reads the generation once for each place it looks for. No lock is held while user code (guards, rules,
 * strategies, listeners) runs.
 */
final class Engine implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private final NanoClock clock;
    private final RandomGenerator random;
    private final TrustedProxies trustedProxies;
    private final List<Guard> guards;
    private final Optional<Credentials> credentials;
    private final Optional<AffinityRule> affinity;
    private final CookieTies ties;
    private final Placement placement;
    private final Optional<Sessions> sessions;
    private final BalancerListener listeners;
    private final RetryTokens retries;
    private final WaitingRoom room;
    private final Scheduler scheduler;
    private final Timers timers;
    private final Optional<ProbeLoop> probes;
    private final PassiveHealth health;
    private final Panic panic;
    private final PoolWriter writer;
    private final BackendSource.Subscription source;
    private final LongAdder refused = new LongAdder();
    private final StreamEnds ends;
    private final boolean looksAtActivity;
    private final boolean learnsFromBodies;

    // Written only by PoolWriter, one at a time; request threads read it once per place they look for.
    private volatile Generation generation = Generation.EMPTY;
    private final AtomicBoolean closed = new AtomicBoolean();

    Engine(LoadBalancerBuilder config) {
        this.clock = config.clock;
        this.random = config.random;
        this.trustedProxies = config.trustedProxies;
        this.guards = List.copyOf(config.guards);
        this.credentials = config.credentials;
        this.affinity = config.affinity;
        this.ties = new CookieTies(config.cookie, config.fallback, random);
        this.placement = new Placement(this, config.fallback, clock, config.sessions.isPresent());
        this.sessions = config.sessions.map(map -> new Sessions(map, config.fallback, placement));
        this.panic = new Panic(config.panicThreshold);
        this.scheduler = Scheduler.of(config.scheduler);
        this.room = new WaitingRoom(config.waiting, clock, scheduler.executor(), this::hasRoom);
        this.listeners = new Listeners(panic.among(config.listeners), room);
        this.timers = new Timers(scheduler.executor());
        this.ends = new StreamEnds(config, timers, listeners, room, this::takesMore);
        this.health = new PassiveHealth(
                config.health,
                config.coolDown(),
                random,
                clock,
                scheduler.executor(),
                ends.openStreams(),
                config.slowStart.isPresent() || config.panicThreshold > 0);
        this.retries = new RetryTokens(config.retryBudget, clock);
        this.probes = config.probe.map(
                probe -> new ProbeLoop(probe, config.probeExecutor, timers, clock, random, this::reweigh));
        this.looksAtActivity = config.rebalance.isPresent();
        this.learnsFromBodies = sessions.isPresent() && affinity.orElseThrow().learnsFromBody();
        Newcomers newcomers = new Newcomers(config, health, timers, listeners, this::reweigh);
        this.writer = new PoolWriter(
                new MembershipRules(config.probe.isPresent()),
                config.strategy,
                (backend, allLoad) -> newcomers.node(backend, allLoad, generation.size() == 0),
                scheduler.executor(),
                this::publish);
        this.source = config.source.orElseThrow().subscribe(writer::accept);
        ends.begin();
        sessions.ifPresent(map -> new KeepAlive(map, ends.openStreams(), timers).begin());
    }

    CompletionStage<Pick> acquire(RequestView request, Executor executor) {
        Attempt attempt = attempt(request);
        Acquisition acquisition = new Acquisition(this, attempt, executor);
        Refusal refusal = admit(attempt, request, true);
        if (refusal != null) {
            acquisition.complete(refuse(attempt, refusal));
        } else {
            acquisition.begin();
        }
        return acquisition;
    }

    Pick tryAcquire(RequestView request) {
        Attempt attempt = attempt(request);
        Refusal refusal = admit(attempt, request, false);
        if (refusal != null) {
            return refuse(attempt, refusal);
        }
        recall(attempt);
        if (sessions.isPresent() && sessions.get().mustAsk(attempt)) {
            attempt.agreeByHash();
        }
        attempt.queueBehind(room.newcomer());
        return handOut(attempt, placeNow(attempt));
    }

    /** Looks up what is known here of the tie of a request's key. */
    void recall(Attempt attempt) {
        if (sessions.isPresent() && sessions.get().concern(attempt)) {
            sessions.get().recall(attempt);
        }
    }

    /** The next try of a request whose last one failed. */
    Pick next(Attempt attempt, BackendId failed, Outcome.Failure failure) {
        attempt.markTried(failed);
        if (closed.get()) {
            return refuse(attempt, Refusal.of(Refusal.Reason.CLOSED));
        }
        // A connect that failed cost the pool nothing, and the request must move or be lost.
        boolean free = failure.kind() == FailureKind.CONNECT || failure.kind() == FailureKind.SATURATED;
        if (!free && !retries.tryWithdraw()) {
            return refuse(attempt, Refusal.of(Refusal.Reason.RETRIES_SPENT));
        }
        attempt.queueBehind(WaitingRoom.NOBODY);
        return handOut(attempt, placeNow(attempt));
    }

    void responded(StreamLease lease, ResponseView response, long pickedAt) {
        long now = clock.nanos();
        lease.node.counters().responded();
        placeFreed();
        health.responded(lease, response, now - pickedAt, now);
        listeners.responded(lease.backend(), response.status(), now - pickedAt);
        learn(lease, rule -> rule.learned(response));
    }

    /** Whether somebody wants to see how bodies begin. */
    boolean learnsFromBodies() {
        return learnsFromBodies;
    }

    void learnFrom(StreamLease lease, ByteBuffer bodyStart) {
        learn(lease, rule -> rule.learned(bodyStart));
    }

    private void learn(StreamLease lease, Function<AffinityRule, Optional<AffinityKey>> lesson) {
        if (sessions.isEmpty()) {
            return;
        }
        try {
            lesson.apply(affinity.orElseThrow())
                    .ifPresent(issued -> sessions.get().learnIssued(lease, issued));
        } catch (RuntimeException e) {
            log.warn("an affinity rule threw; the answer goes on without it", e);
        }
    }

    void ended(StreamLease lease, Outcome outcome, long pickedAt, long bytes, long events) {
        long now = clock.nanos();
        ends.forget(lease);
        NodeCounters counters = lease.node.counters();
        // A back end that was never asked has shown nothing.
        boolean asked = !(outcome instanceof Outcome.Failure failure && failure.kind() == FailureKind.SATURATED);
        if (outcome instanceof Outcome.Success) {
            counters.succeeded.increment();
        } else if (outcome instanceof Outcome.Failure && asked) {
            counters.failed.increment();
        } else {
            counters.cancelled.increment();
        }
        if (asked) {
            health.ended(lease, outcome, now - pickedAt, now);
        } else {
            lease.node.health().ended(Outcome.cancelled(), lease.lastVerdict(), now);
        }
        listeners.ended(lease.backend(), outcome, now - pickedAt, bytes, events);
        if (sessions.isPresent()) {
            sessions.get().touch(lease.attempt);
        }
        placeFreed();
    }

    /** A stream has left its place, or waits for its response no more: whoever waits for that place gets it. */
    void placeFreed() {
        room.placeFreed();
    }

    WaitingRoom room() {
        return room;
    }

    Optional<Sessions> sessions() {
        return sessions;
    }

    boolean closed() {
        return closed.get() || ends.refuses();
    }

    /** Whether one who may go anywhere could find something new: a fit member with room, or none that is fit. */
    private boolean hasRoom() {
        boolean anyFit = false;
        for (LiveNode node : generation.nodes()) {
            boolean fit = fit(node);
            if (fit && !node.full()) {
                return true;
            }
            anyFit |= fit;
        }
        return !anyFit;
    }

    PassiveHealth health() {
        return health;
    }

    CookieTies ties() {
        return ties;
    }

    /** What to change in a request before a back end sees it. */
    HeaderEdits requestEdits(StreamLease lease) {
        HeldPermits permits = lease.attempt.permits();
        HeaderEdits hidden = ties.requestEdits();
        if (credentials.isEmpty() && permits == null) {
            return hidden;
        }
        return HeaderEdits.all(
                hidden,
                permits == null ? HeaderEdits.none() : permits.requestEdits(),
                credentials.isEmpty() ? HeaderEdits.none() : credentials.get().requestEdits(lease.backend()));
    }

    void watch(StreamLease lease) {
        ends.watch(lease);
    }

    /** A stream has left its node, and what it became has entered another one. */
    void left(LiveNode node) {
        ends.left(node);
        placeFreed();
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
                room.waiting(),
                now.nodes().stream().map(node -> node.stats(nanos)).toList());
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            Closing.inOrder(
                    source::close,
                    () -> probes.ifPresent(ProbeLoop::close),
                    health::close,
                    timers::close,
                    scheduler::close,
                    ends::close,
                    room::changed);
        }
    }

    private void reweigh() {
        writer.reweigh();
    }

    private void publish(Generation next) {
        ties.follow(next.snapshot());
        generation = next;
        panic.follow(next.nodes());
        health.follow(next.nodes());
        ends.follow(next.nodes());
        probes.ifPresent(loop -> loop.follow(next.nodes()));
        listeners.membershipChanged(next.snapshot().version(), next.size());
        room.changed();
    }

    private Attempt attempt(RequestView request) {
        ClientOrigin origin = trustedProxies.origin(request);
        Optional<AffinityKey> key = affinity.isPresent() ? affinity.get().key(request, origin) : Optional.empty();
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        return new Attempt(this, origin, reads, key, ties.read(request, origin));
    }

    private @Nullable Refusal admit(Attempt attempt, RequestView request, boolean mayWait) {
        if (closed()) {
            return Refusal.of(Refusal.Reason.CLOSED);
        }
        retries.deposit();
        return guards.isEmpty() ? null : askGuards(attempt, request, mayWait);
    }

    private @Nullable Refusal askGuards(Attempt attempt, RequestView request, boolean mayWait) {
        Visitor visitor = Visitor.from(new ClientOrigin(attempt.clientAddress(), attempt.secure), mayWait);
        HeldPermits permits = attempt.permitsToFill();
        try {
            for (Guard guard : guards) {
                Admission admission = guard.admit(request, visitor);
                if (admission instanceof Admission.Denied denied) {
                    return Refusal.denied(denied);
                }
                if (admission instanceof Admission.Pending pending) {
                    permits.await(pending.answer().toCompletableFuture());
                    requireTime(visitor, guard);
                } else {
                    Admission.Admitted admitted = (Admission.Admitted) admission;
                    admitted.permit().ifPresent(permits::hold);
                    visitor = admitted.caller().map(visitor::recognisedAs).orElse(visitor);
                }
            }
            return null;
        } catch (RuntimeException | Error e) {
            // What the user's own code throws goes on to the caller, but nothing that was granted stays held.
            attempt.endPermits(Outcome.cancelled());
            throw e;
        }
    }

    private static void requireTime(Visitor visitor, Guard guard) {
        if (!visitor.mayWait()) {
            throw new IllegalStateException(guard + " wants to answer later (expected: only if the visitor may wait)");
        }
    }

    /** The guards whose answers came later have their say. */
    @Nullable
    Refusal admitLate(Attempt attempt) {
        HeldPermits permits = attempt.permits();
        return permits == null
                ? null
                : permits.takeAnswers().map(Refusal::denied).orElse(null);
    }

    /** A place for the request, not handed out yet. Who is refused by members that have been replaced asks the new ones. */
    Pick place(Attempt attempt, boolean waitsForOwn) {
        Generation current;
        Pick pick;
        do {
            current = generation;
            pick = placement.place(attempt, current, waitsForOwn);
        } while (pick instanceof Refusal && current.isOlderThan(generation));
        // A shutdown looks at the count after it has begun, and who was let in looks for a shutdown after it was
        // counted.
        if (pick instanceof StreamLease lease && !attempt.hasTried() && closed()) {
            lease.vacate();
            return Refusal.of(Refusal.Reason.CLOSED);
        }
        return pick;
    }

    private Pick placeNow(Attempt attempt) {
        try {
            Pick placed = place(attempt, false);
            return placed instanceof StreamLease lease && sessions.isPresent()
                    ? sessions.get().agreeNow(lease)
                    : placed;
        } catch (RuntimeException | Error e) {
            attempt.endPermits(Outcome.cancelled());
            throw e;
        }
    }

    /** Makes the pick known to whoever counts. */
    Pick handOut(Attempt attempt, Pick pick) {
        if (!(pick instanceof StreamLease lease)) {
            return refuse(attempt, (Refusal) pick);
        }
        attempt.queueBehind(WaitingRoom.NOBODY);
        attempt.placed();
        lease.node.counters().picked.increment();
        try {
            if (!lease.node.health().spotless()) {
                lease.node.health().admitted(clock.nanos());
            }
            listeners.picked(lease.backend(), lease.reason());
        } catch (RuntimeException | Error e) {
            // Nobody else has it in hand, so nobody else can end it.
            lease.complete(Outcome.cancelled());
            throw e;
        }
        return lease;
    }

    Refusal refuse(Attempt attempt, Refusal refusal) {
        attempt.endPermits(Outcome.cancelled());
        refused.increment();
        listeners.refused(refusal);
        return refusal;
    }
}
