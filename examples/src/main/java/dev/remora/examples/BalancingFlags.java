package dev.remora.examples;

import dev.remora.LoadBalancerBuilder;
import dev.remora.Waiting;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who serves, how much, and for how long. */
final class BalancingFlags {

    private static final int DEFAULT_MAX_WAITING = 100;

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
            names = "--wait",
            paramLabel = "TIME",
            description = "How long a request waits, first come, first served, while its back end or all of them have"
                    + " as many streams as they may (default: 0s, it is refused with 503 or moves).")
    private Optional<Duration> wait = Optional.empty();

    @Option(
            names = "--max-waiting",
            paramLabel = "N",
            description = "... at most so many for each back end, and so many for any (default: " + DEFAULT_MAX_WAITING
                    + ").")
    private Optional<Integer> maxWaiting = Optional.empty();

    @Option(
            names = "--max-stream-age",
            paramLabel = "TIME",
            description = "Ask streams to end before they are older: WebSockets, and event streams that can be resumed;"
                    + " never a chat answer (default: never).")
    private Optional<Duration> maxStreamAge = Optional.empty();

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

    void applyTo(LoadBalancerBuilder builder) {
        Strategy named = StrategyName.of(strategy).strategy();
        builder.strategy(named).waiting(waiting());
        maxStreamAge.ifPresent(builder::maxStreamAge);
    }

    private Waiting waiting() {
        Duration patience = wait.orElse(Duration.ZERO);
        if (patience.isZero() && maxWaiting.isPresent()) {
            throw new IllegalArgumentException("wait: none (expected: a time, when it is said how many wait)");
        }
        int most = maxWaiting.orElse(DEFAULT_MAX_WAITING);
        if (most < 1) {
            throw new IllegalArgumentException("max-waiting: " + most + " (expected: >= 1)");
        }
        return patience.isZero() ? Waiting.none() : Waiting.upTo(most, most).atMost(patience);
    }
}
