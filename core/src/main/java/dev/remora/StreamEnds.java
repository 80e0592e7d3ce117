package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that asks open streams to end: drains, the shutdown of the balancer, the age limit and the rebalance. Beside the
 * requests, which only meet two volatile reads here; without a drain or a limit no timer runs. Thread-safe.
 */
final class StreamEnds implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);
    private static final EndRequest CLOSED =
            new EndRequest(EndRequest.Reason.SHUTDOWN, EndRequest.Urgency.NOW, 1001, Duration.ofSeconds(1));

    private final NanoClock clock;
    private final RandomGenerator random;
    private final Timers timers;
    private final BalancerListener listener;
    private final WaitingRoom room;
    private final boolean tied;
    private final OpenStreams openStreams = new OpenStreams();
    private final Gate everybody = new Gate();
    private final Optional<AgeLimit> ageLimit;

    private final Optional<Rebalancer> rebalancer;

    // Written by who publishes generations. One reference, so that a back end that goes is never in neither list.
    private volatile Known known = new Known(List.of(), List.of());
    private volatile boolean closed;

    StreamEnds(
            LoadBalancerBuilder config,
            Timers timers,
            BalancerListener listener,
            WaitingRoom room,
            Predicate<LiveNode> takesMore) {
        this.clock = config.clock;
        this.random = config.random;
        this.timers = timers;
        this.listener = listener;
        this.room = room;
        this.tied = config.cookie.isPresent() || config.sessions.isPresent();
        this.ageLimit = config.ageLimit.map(limit -> new AgeLimit(this, limit));
        this.rebalancer = config.rebalance.map(plan -> new Rebalancer(this, plan, takesMore));
    }

    /** Starts what runs from time to time. */
    void begin() {
        ageLimit.ifPresent(AgeLimit::begin);
        rebalancer.ifPresent(Rebalancer::begin);
    }

    /** Drains one back end, which is in the source, or has left it with streams open. */
    Draining drain(BackendId id, Drain plan) {
        LiveNode node = known.all()
                .filter(each -> each.backend().id().equals(id))
                .findFirst()
                .orElseThrow(() -> unknown(id));
        Gate gate = node.gate();
        DrainScope scope = new DrainScope(
                "drain of back end " + id,
                Optional.of(id),
                EndRequest.Reason.DRAIN,
                gate,
                Gate.BOUND_ONLY,
                tied,
                node.counters()::streamsInside,
                lease -> lease.node.gate() == gate);
        return new DrainRun(this, scope, plan).begin();
    }

    /** Drains the whole pool. */
    Draining shutdown(Drain plan) {
        DrainScope scope = new DrainScope(
                "shutdown",
                Optional.empty(),
                EndRequest.Reason.SHUTDOWN,
                everybody,
                Gate.OPEN,
                true,
                () -> known.all()
                        .mapToLong(node -> node.counters().streamsInside())
                        .sum(),
                lease -> true);
        return new DrainRun(this, scope, plan).begin();
    }

    /** A drain lets other clients in than before: those that wait look again. */
    void gateMoved() {
        room.changed();
    }

    /** Whether a shutdown refuses all requests. */
    boolean refuses() {
        return everybody.keepsOut(true);
    }

    /** A lease has got a listener. */
    void watch(StreamLease lease) {
        openStreams.add(lease, ageLimit.isPresent() ? ageLimit.get().limitOf(lease) : OpenStreams.NO_NUMBER);
        meet(lease);
    }

    /** A lease has ended. */
    void forget(StreamLease lease) {
        openStreams.remove(lease);
    }

    /** A stream has left a node, and will not be tried again elsewhere. */
    void left(LiveNode node) {
        settle(node.gate());
        settle(everybody);
    }

    /** The members are these from now on. */
    void follow(List<LiveNode> members) {
        Set<Gate> gates = Collections.newSetFromMap(new IdentityHashMap<>());
        members.forEach(member -> gates.add(member.gate()));
        List<LiveNode> departed = known.all()
                .filter(node -> !node.counters().retired() && !gates.contains(node.gate()))
                .toList();
        known = new Known(members, departed);
        members.forEach(node -> follow(node, true));
        departed.forEach(node -> follow(node, false));
    }

    private static void follow(LiveNode node, boolean member) {
        DrainRun run = node.gate().run();
        if (run != null) {
            run.follow(member);
        }
    }

    /** Asks every open stream to end at once, and stops all timers. */
    @Override
    public void close() {
        closed = true;
        openStreams.forEachListening(lease -> {
            ask(lease, CLOSED);
        });
        known.all().forEach(this::left);
    }

    /**
     * Asks a stream to end.
     *
     * @return whether that was news
     */
    boolean ask(StreamLease lease, EndRequest request) {
        if (lease.ended()) {
            return false;
        }
        try {
            boolean news = lease.requestEnd(request);
            if (news) {
                listener.endRequested(lease.backend(), request);
            }
            return news;
        } catch (RuntimeException e) {
            log.warn("a stream that was asked to end threw; the others are asked all the same", e);
            return true;
        }
    }

    /** Takes a wish back; what another drain wishes of the stream comes to the fore. */
    void withdraw(StreamLease lease, EndRequest request) {
        if (lease.withdrawEnd(request)) {
            meet(lease);
        }
    }

    OpenStreams openStreams() {
        return openStreams;
    }

    List<LiveNode> members() {
        return known.members;
    }

    BalancerListener listener() {
        return listener;
    }

    boolean closed() {
        return closed;
    }

    NanoClock clock() {
        return clock;
    }

    long nanos() {
        return clock.nanos();
    }

    Timers timers() {
        return timers;
    }

    /** 0 to 1. */
    double chance() {
        return random.nextDouble();
    }

    private void meet(StreamLease lease) {
        meet(lease, lease.node.gate());
        meet(lease, everybody);
        if (closed) {
            ask(lease, CLOSED);
        }
    }

    private static void meet(StreamLease lease, Gate gate) {
        DrainRun run = gate.run();
        if (run != null) {
            run.meet(lease);
        }
    }

    private static void settle(Gate gate) {
        DrainRun run = gate.run();
        if (run != null) {
            run.settle();
        }
    }

    private IllegalArgumentException unknown(BackendId id) {
        List<BackendId> ids = known.all().map(node -> node.backend().id()).toList();
        return new IllegalArgumentException("backend id: " + id + " (expected: one of " + ids + ")");
    }

    /**
     * The back ends that may have streams open.
     *
     * @param members those of the pool
     * @param departed those that have gone, and may have gone with streams
     */
    private record Known(List<LiveNode> members, List<LiveNode> departed) {
        Stream<LiveNode> all() {
            return Stream.concat(members.stream(), departed.stream());
        }
    }
}
