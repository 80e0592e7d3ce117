package dev.remora;

import static dev.remora.Model.require;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * However a response, changes of the cost and several ends of one lease interleave: one end wins, and the node's counters
 * return to exactly zero.
 */
final class StreamLeaseModelTest {

    private static final Backend BACKEND = Backend.of("a", "http://127.0.0.1:9001");

    @Test
    void oneEndWinsAndNothingIsLeft() {
        Model.check(OneLease.class, Engine.class, Attempt.class);
        Model.stress(OneLease.class);
    }

    public static final class OneLease {

        // Closed, so that a retry ends the attempt and goes no further.
        private static final Engine ENGINE = new Engine(LoadBalancer.builder().backends(BACKEND));

        static {
            ENGINE.close();
        }

        private final LongAdder all = new LongAdder();
        private final NodeCounters counters = new NodeCounters(all);
        private final AtomicInteger released = new AtomicInteger();
        private final StreamLease lease;

        public OneLease() {
            NodeHealth health = new NodeHealth(
                    BACKEND.id(),
                    HealthPolicy.none().monitor(new java.util.Random(1)).tracker(),
                    new BalancerListener() {});
            LiveNode node = new LiveNode(BACKEND, counters, new Responsiveness(), health);
            Attempt attempt = new Attempt(
                    ENGINE,
                    new ClientOrigin(InetAddress.getLoopbackAddress(), false),
                    true,
                    Optional.empty(),
                    Optional.empty());
            attempt.permitsToFill().hold(outcome -> released.incrementAndGet());
            lease = new StreamLease(attempt, node, PickReason.BALANCED, 0);
            node.tryEnter();
        }

        @Operation
        public void responseStarted() {
            lease.responseStarted(new FakeResponse(200));
        }

        @Operation
        public void cost(@Param(gen = IntGen.class, conf = "0:3") int cost) {
            lease.cost(cost);
        }

        @Operation
        public boolean complete() {
            return lease.complete(Outcome.success());
        }

        @Operation
        public boolean retry() {
            try {
                lease.retry(Outcome.failure(FailureKind.CONNECT));
                return true;
            } catch (IllegalStateException e) {
                return false;
            }
        }

        @Validate
        public void theNodeCountsWhatIsOpen() {
            int open = lease.ended() ? 0 : 1;
            require(counters.openStreams() == open, "an open lease is an open stream");
            require(counters.ended() == 1 - open, "it ends once");
            require(released.get() == 1 - open, "its permit is released once");
            require(counters.waitingStreams() <= open, "only an open stream waits");
            require(open == 1 || counters.load() == 0, "no load is left");
            require(all.sum() == counters.load() * NodeCounters.STEPS_PER_COST, "all load is this node's");
        }
    }
}
