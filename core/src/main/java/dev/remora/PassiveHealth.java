package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.ResponseView;
import dev.remora.health.HealthMonitor;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthTracker;
import dev.remora.health.HealthTracker.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What streams tell of the back ends that serve them: when they begin to answer, while they flow, and when they end. */
final class PassiveHealth implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private final HealthPolicy policy;
    private final CoolDown coolDown;
    private final HealthMonitor monitor;
    private final Optional<StallWatch> stalls;
    private final HealthRounds rounds;

    PassiveHealth(
            HealthPolicy policy,
            CoolDown coolDown,
            RandomGenerator random,
            NanoClock clock,
            ScheduledExecutorService scheduler,
            OpenStreams streams,
            boolean noticesTurns) {
        this.policy = policy;
        this.coolDown = coolDown;
        this.monitor = policy.monitor(random);
        this.stalls = monitor.stalls().map(rule -> new StallWatch(rule, streams, clock));
        this.rounds = new HealthRounds(monitor, stalls, scheduler, clock, noticesTurns);
    }

    /** Follows one back end from now on. */
    HealthTracker tracker() {
        return monitor.tracker();
    }

    /** The members are these from now on. */
    void follow(List<LiveNode> nodes) {
        rounds.follow(nodes);
    }

    /** The response head is there, so long after the pick. */
    void responded(StreamLease lease, ResponseView response, long waitedNanos, long now) {
        long spareNanos = coolDown.nanos(response);
        boolean failure = spareNanos == 0 && isFailure(response.status());
        if (!lease.judge(Verdict.NONE, failure ? Verdict.BAD : Verdict.GOOD)) {
            return;
        }
        if (stalls.isPresent() && !failure) {
            stalls.get().began(lease, response.kind(), now);
        }
        if (failure) {
            lease.node.responsiveness().failed(now);
        } else if (spareNanos == 0) {
            lease.node.responsiveness().answered(waitedNanos, now);
        } else {
            // How fast it refuses does not tell how fast it answers.
            lease.node.health().coolUntil(now + spareNanos);
        }
        try {
            lease.node.health().responded(response.status(), failure, now);
        } catch (RuntimeException e) {
            warn(e);
        }
    }

    private boolean isFailure(int status) {
        try {
            return policy.isFailure(status);
        } catch (RuntimeException e) {
            warn(e);
            return status >= 500;
        }
    }

    // What is wrong with a policy must not cost a stream.
    private static void warn(RuntimeException e) {
        log.warn("a health policy threw; the traffic goes on", e);
    }

    /** A piece of a stream whose silences are of interest has been relayed. */
    void moved(StreamLease lease, StreamActivity activity) {
        stalls.ifPresent(watch -> watch.moved(lease, activity));
    }

    /** The client of such a stream takes nothing, or takes again. */
    void paused(StreamActivity activity, boolean paused) {
        stalls.ifPresent(watch -> watch.paused(activity, paused));
    }

    /** A stream has ended, so long after the pick. */
    void ended(StreamLease lease, Outcome outcome, long openNanos, long now) {
        if (outcome instanceof Outcome.Failure) {
            lease.node.responsiveness().failed(now);
        } else if (outcome instanceof Outcome.Cancelled && lease.endedUnanswered()) {
            lease.node.responsiveness().waitedInVain(openNanos, now);
        }
        try {
            lease.node.health().ended(outcome, lease.lastVerdict(), now);
        } catch (RuntimeException e) {
            warn(e);
        }
    }

    @Override
    public void close() {
        rounds.close();
    }
}
