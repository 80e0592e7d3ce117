package dev.remora.examples;

import dev.remora.LoadBalancerBuilder;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthProbe;
import dev.remora.health.SlowStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Who is fit to serve: what the traffic says, and what the back ends say when they are asked. */
final class HealthFlags {

    @Option(
            names = "--max-fails",
            paramLabel = "N",
            description = "So many failures within --fail-timeout make a back end unfit (default: 1; 0: never).")
    private Optional<Integer> maxFails = Optional.empty();

    @Option(
            names = "--fail-timeout",
            paramLabel = "TIME",
            description = "... and for that time, after which one request tries it again (default: 10s).")
    private Optional<Duration> failTimeout = Optional.empty();

    @Option(
            names = "--outliers",
            description =
                    "Instead of these two, eject for a time the back end that fails, breaks off or stalls in a row,"
                            + " or fails more often than the others; at most half of them.")
    private boolean outliers;

    @Option(
            names = "--fail-status",
            paramLabel = "STATUS",
            description = "An answer that counts as a failure, too: 471 is LobeChat's when its model fails; may be"
                    + " repeated (default: none; with --outliers 500 and above).")
    private List<Integer> failStatuses = new ArrayList<>();

    @Option(
            names = "--slow-start",
            paramLabel = "TIME",
            description = "A back end that is new, or fit again, grows to its full share over that time (default: at"
                    + " once).")
    private Optional<Duration> slowStart = Optional.empty();

    @Option(
            names = "--health-path",
            paramLabel = "PATH",
            description = "Ask each back end GET PATH from time to time, and believe 200 to 399"
                    + " (default: nobody is asked; demo back ends: /healthz).")
    private Optional<String> path = Optional.empty();

    @Option(
            names = "--probe-agent-port",
            paramLabel = "N",
            description =
                    "Ask HAProxy's agent at this port of each back end's host instead: up, drain, down, 75%%, ...")
    private Optional<Integer> agentPort = Optional.empty();

    @Option(names = "--health-interval", paramLabel = "TIME", description = "... so often (default: 2s; demo: 1s).")
    private Optional<Duration> interval = Optional.empty();

    @Option(
            names = "--health-timeout",
            paramLabel = "TIME",
            description = "... waiting so long (default: 2s, but no longer than the interval).")
    private Optional<Duration> timeout = Optional.empty();

    @Option(
            names = "--health-fall",
            paramLabel = "N",
            description = "Failed answers in a row that make it unfit (default: 3).")
    private Optional<Integer> fall = Optional.empty();

    @Option(
            names = "--health-rise",
            paramLabel = "N",
            description = "Good answers in a row that make it fit again (default: 2).")
    private Optional<Integer> rise = Optional.empty();

    /** @param demo whether the demo's back ends are asked: they have a path for it */
    void applyTo(LoadBalancerBuilder builder, boolean demo) {
        builder.health(policy());
        probe(demo).ifPresent(probe -> builder.healthProbe(probe.with(timing(demo))));
        slowStart.map(SlowStart::over).ifPresent(builder::slowStart);
    }

    private HealthPolicy policy() {
        Set<Integer> failures = failures();
        if (outliers) {
            if (maxFails.isPresent() || failTimeout.isPresent()) {
                throw new IllegalArgumentException("outliers: given (expected: no --max-fails, no --fail-timeout)");
            }
            return HealthPolicy.outlierDetection().withFailures(status -> status >= 500 || failures.contains(status));
        }
        int fails = maxFails.orElse(1);
        if (fails == 0) {
            if (!failures.isEmpty()) {
                throw new IllegalArgumentException("max-fails: 0 (expected: >= 1, when statuses are failures)");
            }
            return HealthPolicy.none();
        }
        Duration apart = failTimeout.orElse(Duration.ofSeconds(10));
        return failures.isEmpty()
                ? HealthPolicy.maxFails(fails, apart)
                : HealthPolicy.maxFails(fails, apart, failures::contains);
    }

    private Set<Integer> failures() {
        failStatuses.forEach(status -> {
            if (status < 400 || status > 599) {
                throw new IllegalArgumentException("fail-status: " + status + " (expected: 400 to 599)");
            }
        });
        return Set.copyOf(failStatuses);
    }

    private Optional<HealthProbe> probe(boolean demo) {
        if (agentPort.isPresent()) {
            if (path.isPresent()) {
                throw new IllegalArgumentException("health-path: " + path.get() + " (expected: none, with an agent)");
            }
            return agentPort.map(HealthProbe::agent);
        }
        Optional<String> asked = path.or(() -> demo ? Optional.of("/healthz") : Optional.empty());
        if (asked.isEmpty() && Stream.of(interval, timeout, fall, rise).anyMatch(Optional::isPresent)) {
            throw new IllegalArgumentException("health-path: none (expected: a path, when it is said how to ask)");
        }
        return asked.map(HealthProbe::http);
    }

    private HealthProbe.Timing timing(boolean demo) {
        HealthProbe.Timing usual = HealthProbe.Timing.DEFAULT;
        HealthProbe.Timing timing = usual.every(interval.orElse(demo ? Duration.ofSeconds(1) : usual.interval()));
        return new HealthProbe.Timing(
                timing.interval(),
                timing.unsureInterval(),
                timing.downInterval(),
                timeout.orElse(timing.timeout()),
                rise.orElse(timing.rise()),
                fall.orElse(timing.fall()),
                timing.initially());
    }
}
