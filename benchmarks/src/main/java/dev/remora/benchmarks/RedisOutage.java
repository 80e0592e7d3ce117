package dev.remora.benchmarks;

import dev.remora.redis.RedisVersion;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What becomes of requests, and of where they belong, while the Redis that gateways share fails.
 *
 * <p>The workload: four gateways in this process, each with its own session map under the defaults, on one real Redis on
 * this machine; {@link HoppingClients} hop between them, 2,000 requests a second. Redis is killed, comes back empty, is
 * stopped, goes on, and drops all connections; then the same clients on a cluster of three masters and three replicas, of
 * which one master is killed. Then, without those clients: how soon the other gateways see a change, and what it costs that
 * sessions are in use on all of them. A report with all of it is written into a directory.
 *
 * <pre>{@code
 * java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.RedisOutage
 * java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.RedisOutage --seconds 3 --redis-version 6.2
 * }</pre>
 */
@Command(
        name = "RedisOutage",
        description = "Measures what becomes of requests while the Redis that gateways share fails.")
final class RedisOutage implements Callable<Integer> {

    private static final List<Duration> IDLE_TIMES = List.of(Duration.ofMinutes(30), Duration.ofSeconds(8));

    private final PrintWriter out;
    private final long started = System.nanoTime();

    @SuppressWarnings("UnusedVariable") // it is there for the flag
    @Option(names = "--help", usageHelp = true, description = "Prints this text.")
    private boolean help;

    @Option(
            names = "--seconds",
            converter = AtLeastOne.class,
            description = "How long each phase lasts; ${DEFAULT-VALUE} by default.")
    private int seconds = 6;

    @Option(
            names = "--rebinds",
            converter = AtLeastOne.class,
            description = "How many changes are followed to the other gateways; ${DEFAULT-VALUE} by default.")
    private int rebinds = 1_000;

    @Option(
            names = "--redis-version",
            paramLabel = "VERSION",
            converter = RedisVersionName.class,
            description = "The Redis that is run, 7.0 or 6.2; 7.0 by default.")
    private RedisVersion version = RedisVersion.V7_0;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description = "Where the report goes; ${DEFAULT-VALUE} by default.")
    private Path directory = Path.of("benchmarks", "results");

    RedisOutage(PrintWriter out) {
        this.out = out;
    }

    /** Runs it. */
    public static void main(String[] args) {
        // Lettuce warns of every attempt to connect; nobody listens to SLF4J here.
        InternalLoggerFactory.setDefaultFactory(Slf4JLoggerFactory.INSTANCE);
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new RedisOutage(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        String machine = Machine.description();
        Duration phaseTime = Duration.ofSeconds(seconds);
        progress("a Redis " + RedisVersionName.of(version) + " and four gateways; requests begin");
        OutageTrial.Result single = OutageTrial.single(version, phaseTime, this::progress);
        progress("a cluster of six and four gateways; requests begin");
        OutageTrial.Result cluster = OutageTrial.cluster(version, phaseTime, this::progress);
        progress(rebinds + " changes, followed to the other gateways");
        RebindRound changes = RebindRound.run(version, rebinds);
        progress(String.format(Locale.ROOT, "half of them seen within %.0f us", micros(changes.seen(), 50)));
        List<TouchRound> touches = IDLE_TIMES.stream()
                .map(idle -> {
                    progress("touches, for sessions of an idle time of " + idle.toSeconds() + " s");
                    return TouchRound.run(version, idle, phaseTime);
                })
                .toList();
        String command = String.format(
                Locale.ROOT,
                "--seconds %d --rebinds %d --redis-version %s",
                seconds,
                rebinds,
                RedisVersionName.of(version));
        Files.createDirectories(directory);
        Path report = directory.resolve("shared-sessions.md");
        Files.writeString(report, new OutageReport(command, machine, single, cluster, changes, touches).toString());
        progress("see " + report);
        return single.isSound() && cluster.isSound() ? 0 : 1;
    }

    private void progress(OutagePhase phase) {
        progress(String.format(
                Locale.ROOT,
                "%s: %,d requests, %d failed, %d late, %d moved",
                phase.name(),
                phase.tally().waits.getTotalCount(),
                phase.tally().failed.sum(),
                phase.tally().late(),
                phase.tally().moves()));
    }

    private void progress(String what) {
        out.printf(Locale.ROOT, "%3d s  %s%n", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started), what);
        out.flush();
    }

    static double micros(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }
}
