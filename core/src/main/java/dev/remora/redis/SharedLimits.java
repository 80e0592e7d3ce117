package dev.remora.redis;

import dev.remora.exchange.NanoClock;
import dev.remora.ratelimit.Limit;
import dev.remora.redis.Redis.Surroundings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to Redis, and all that is limited by it: the limits that deny are one ledger, and each that is only a shadow has one of
 * its own, since it never stands in the way. It has a thread of its own, on which it says that this gateway lives, tells Redis
 * what is owed and forgets keys that nobody uses.
 */
final class SharedLimits implements Shard.Watcher, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisRateLimiter.class);

    // What nobody waits for is asked with a deadline, too: then it is asked again.
    private static final Duration BACKGROUND = Duration.ofMillis(250);
    private static final long CARE_MILLIS = 500;
    private static final long PAUSE_MILLIS = 5;
    private static final int AT_ONCE = 1_024;

    private final Topology topology;
    private final Questions questions;
    private final Gateways gateways;
    private final Optional<Ledger> denying;
    private final List<Ledger> shadows;
    private final ScheduledExecutorService thread;
    private final LimiterCounts counts = new LimiterCounts();
    private final AtomicInteger waiting = new AtomicInteger();

    // Of the thread alone: what of a round is left.
    private final Deque<Step> round = new ArrayDeque<>();
    private boolean pausing;

    /** One ledger, and its keys that are still to be cared for. */
    private record Step(Ledger ledger, Iterator<Account> accounts) {}

    SharedLimits(RedisRateLimiter.Builder config) {
        Surroundings around = new Surroundings(Purpose.LIMITS, config.random, config.maxWaiting, this);
        this.thread = around.thread();
        this.topology = config.redis.open(around);
        this.questions = new Questions(topology, thread, NanoClock.system(), config.strict.orElse(BACKGROUND));
        this.gateways = new Gateways(
                new LimitKeys(config.prefix, config.limits).gateways(), config.random, config.leastGateways);
        List<Limit> deny =
                config.limits.stream().filter(limit -> !limit.shadow()).toList();
        this.denying = Optional.of(deny).filter(limits -> !limits.isEmpty()).map(limits -> ledger(config, limits));
        this.shadows = config.limits.stream()
                .filter(Limit::shadow)
                .map(limit -> ledger(config, List.of(limit)))
                .toList();
        long phase = config.random.nextLong(Gateways.BEAT_MILLIS);
        every(Gateways.BEAT_MILLIS, phase, () -> gateways.beat(questions));
        every(CARE_MILLIS, CARE_MILLIS, this::beginRound);
        topology.open();
    }

    private Ledger ledger(RedisRateLimiter.Builder config, List<Limit> limits) {
        return new Ledger(config, limits, questions, gateways, thread, waiting, counts);
    }

    private void every(long millis, long phase, Runnable step) {
        var unused = thread.scheduleAtFixedRate(
                () -> {
                    try {
                        step.run();
                    } catch (RuntimeException e) {
                        // Else it would be the last time.
                        log.warn("what is done for limits in the background failed", e);
                    }
                },
                phase,
                millis,
                TimeUnit.MILLISECONDS);
    }

    Optional<Ledger> denying() {
        return denying;
    }

    List<Ledger> shadows() {
        return shadows;
    }

    /** Has all ledgers do something. */
    void each(Consumer<Ledger> step) {
        all().forEach(step);
    }

    private Stream<Ledger> all() {
        return Stream.of(denying.stream().toList(), shadows).flatMap(Collection::stream);
    }

    // ---- in the background

    // One after the other: while Redis is slow a round may take longer than the pause between two.
    private void beginRound() {
        if (round.isEmpty()) {
            all().forEach(ledger -> round.add(new Step(ledger, ledger.accounts().all())));
            all().forEach(ledger -> round.add(
                    new Step(ledger, List.of(ledger.accounts().others()).iterator())));
        }
        if (!pausing) {
            goOn();
        }
    }

    // Some at a time, so that deadlines find room between.
    private void goOn() {
        pausing = false;
        for (int i = 0; i < AT_ONCE && !round.isEmpty(); i++) {
            Step step = round.peek();
            if (!step.accounts.hasNext()) {
                round.remove();
            } else if (!step.ledger.care(step.accounts.next()) && topology.reachable()) {
                // Redis has enough to do. The one that could not be told is, in the next round.
                pause(PAUSE_MILLIS);
                return;
            }
        }
        if (!round.isEmpty()) {
            pause(0);
        }
    }

    private void pause(long millis) {
        pausing = true;
        later(millis, this::goOn);
    }

    private void later(long millis, Runnable step) {
        try {
            var unused = thread.schedule(step, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("the limiter is closed", e);
        }
    }

    // ---- what happens to the masters

    @Override
    public void linked() {
        gateways.beat(questions);
        beginRound();
    }

    @Override
    public void unlinked() {
        topology.outdated();
    }

    @Override
    public void reachabilityChanged(Shard shard, boolean reachable) {}

    boolean reachable() {
        return topology.reachable();
    }

    LimiterStats stats() {
        return new LimiterStats(
                reachable(),
                gateways.count(),
                all().mapToLong(ledger -> ledger.accounts().size()).sum(),
                waiting.get(),
                counts.questions.sum(),
                counts.grants.sum(),
                counts.denials.sum(),
                questions.late(),
                questions.refused(),
                counts.degraded.sum(),
                counts.pushes.sum(),
                counts.dropped.sum());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        topology.close();
        each(Ledger::close);
    }
}
