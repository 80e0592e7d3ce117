package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.health.HealthProbe;
import dev.remora.pool.Backend;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Makes what follows a back end through all snapshots, when it is seen for the first time. */
final class Newcomers {

    private final PassiveHealth health;
    private final Optional<HealthProbe> probe;
    private final BalancerListener listeners;
    private final Optional<WarmUps> warmUps;
    private final LoadLimits limits;
    private final Optional<PoolLoad> poolLoad;

    Newcomers(
            LoadBalancerBuilder config,
            PassiveHealth health,
            Timers timers,
            BalancerListener listeners,
            Runnable reweigh) {
        NanoClock clock = config.clock;
        this.health = health;
        this.probe = config.probe;
        this.listeners = listeners;
        this.limits = config.limits;
        this.poolLoad = PoolLoad.of(config.limits);
        this.warmUps = config.slowStart.map(slowStart -> new WarmUps(slowStart, timers, clock, reweigh));
    }

    /** @param first whether there was no member before */
    LiveNode node(Backend backend, LongAdder allLoad, boolean first) {
        NodeShare share = NodeShare.of(warmUps, first, probe.isPresent());
        boolean fitAtFirst = probe.isEmpty() || probe.get().timing().initially() == HealthProbe.Initially.UP;
        return new LiveNode(
                backend,
                new NodeCounters(allLoad, limits, poolLoad.orElse(null)),
                new Responsiveness(),
                new NodeHealth(backend.id(), health.tracker(), listeners, share, fitAtFirst));
    }
}
