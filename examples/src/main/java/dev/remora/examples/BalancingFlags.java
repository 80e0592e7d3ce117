package dev.remora.examples;

import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthProbe;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who serves, and who is fit to. */
final class BalancingFlags {

    @Option(
            names = "--strategy",
            paramLabel = "NAME",
            description = "Who serves a client that is not bound yet: power-of-two-choices, least-connections,"
                    + " least-response-time, round-robin or random; by what --sticky names, else by the client's"
                    + " address: consistent-hash, bounded-load-hash, rendezvous-hash or maglev; as other proxies"
                    + " do: nginx-ip-hash, nginx-hash, nginx-consistent-hash, haproxy-consistent-hash or"
                    + " haproxy-source-hash (default: " + StrategyName.DEFAULT + ").")
    private String strategy = StrategyName.DEFAULT;

    @Option(
            names = "--max-streams",
            paramLabel = "N",
            description = "The most streams that a back end may have open at once, unless its own max-streams says"
                    + " otherwise (default: no cap).")
    private Optional<Integer> maxStreams = Optional.empty();

    @Option(
            names = "--max-fails",
            paramLabel = "N",
            description = "So many failures within --fail-timeout make a back end unfit (default: 1; 0: never).")
    private int maxFails = 1;

    @Option(
            names = "--fail-timeout",
            paramLabel = "TIME",
            description = "... and for that time, after which one request tries it again (default: 10s).")
    private Duration failTimeout = Duration.ofSeconds(10);

    @Option(
            names = "--health-path",
            paramLabel = "PATH",
            description = "Ask each back end GET PATH from time to time, and believe 200 to 399"
                    + " (default: nobody is asked; demo back ends: /healthz).")
    private Optional<String> healthPath = Optional.empty();

    @Option(names = "--health-interval", paramLabel = "TIME", description = "... so often (default: 2s; demo: 1s).")
    private Optional<Duration> healthInterval = Optional.empty();

    @Option(
            names = "--health-timeout",
            paramLabel = "TIME",
            description = "... waiting so long (default: 2s, but no longer than the interval).")
    private Optional<Duration> healthTimeout = Optional.empty();

    @Option(
            names = "--health-fall",
            paramLabel = "N",
            description = "Failed answers in a row that make it unfit (default: 3).")
    private Optional<Integer> healthFall = Optional.empty();

    @Option(
            names = "--health-rise",
            paramLabel = "N",
            description = "Good answers in a row that make it fit again (default: 2).")
    private Optional<Integer> healthRise = Optional.empty();

    Strategy strategy() {
        return StrategyName.of(strategy).strategy();
    }

    boolean hashes() {
        return StrategyName.of(strategy).keyed();
    }

    BackendSource capped(BackendSource source) {
        return receiver -> source.subscribe(
                backends -> receiver.accept(backends.stream().map(this::capped).toList()));
    }

    private Backend capped(Backend backend) {
        boolean own = backend.maxStreams() != Integer.MAX_VALUE;
        return own || maxStreams.isEmpty() ? backend : backend.withMaxStreams(maxStreams.get());
    }

    HealthPolicy health() {
        return maxFails == 0 ? HealthPolicy.none() : HealthPolicy.maxFails(maxFails, failTimeout);
    }

    /** @param demo whether the demo's back ends are asked: they have a path for it */
    Optional<HealthProbe> probe(boolean demo) {
        Optional<String> path = healthPath.or(() -> demo ? Optional.of("/healthz") : Optional.empty());
        if (path.isPresent()) {
            return path.map(asked -> HealthProbe.http(asked).with(timing(demo)));
        }
        if (healthInterval.isPresent()
                || healthTimeout.isPresent()
                || healthFall.isPresent()
                || healthRise.isPresent()) {
            throw new IllegalArgumentException("health-path: none (expected: a path, when it is said how to ask)");
        }
        return Optional.empty();
    }

    private HealthProbe.Timing timing(boolean demo) {
        HealthProbe.Timing usual = HealthProbe.Timing.DEFAULT;
        Duration interval = healthInterval.orElse(demo ? Duration.ofSeconds(1) : usual.interval());
        HealthProbe.Timing timing = usual.every(interval);
        return new HealthProbe.Timing(
                interval,
                healthTimeout.orElse(timing.timeout()),
                healthRise.orElse(timing.rise()),
                healthFall.orElse(timing.fall()));
    }
}
