package dev.remora.benchmarks;

import dev.remora.redis.RedisServer;
import dev.remora.redis.RedisVersion;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How many decisions a second a limit in Redis gives, and how many commands each costs, beside Bucket4j's Lettuce manager.
 *
 * <p>The workload: 64 threads of this process ask without pause for one unit of a key, of one that all of them want, or of
 * 1,000 in turn. The limit, ten million a second, lets all pass, so that what is measured is the decision. A real Redis on
 * this machine. Each contender has a Lettuce client of its own, whose commands are counted, those of the background, too; it
 * is warmed up for as long as it is measured. Remora is measured strict, where a caller waits for Redis if nothing is in
 * hand, and as it comes, where nobody waits. Bucket4j is measured as it comes, and with its requests batched.
 *
 * <pre>{@code
 * java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.RedisLimits
 * }</pre>
 */
@Command(name = "RedisLimits", description = "Measures decisions of limits in Redis, beside Bucket4j.")
final class RedisLimits implements Callable<Integer> {

    private final PrintWriter out;

    @SuppressWarnings("UnusedVariable") // it is there for the flag
    @Option(names = "--help", usageHelp = true, description = "Prints this text.")
    private boolean help;

    @Option(
            names = "--seconds",
            converter = AtLeastOne.class,
            description = "How long each is measured; ${DEFAULT-VALUE} by default.")
    private int seconds = 5;

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

    RedisLimits(PrintWriter out) {
        this.out = out;
    }

    /** Runs it. */
    public static void main(String[] args) {
        InternalLoggerFactory.setDefaultFactory(Slf4JLoggerFactory.INSTANCE);
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new RedisLimits(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        String machine = Machine.description();
        List<LimitRound> rounds = new ArrayList<>();
        try (RedisServer redis = RedisServer.start(version)) {
            for (int keys : new int[] {1, 1_000}) {
                for (LimitContender.Kind kind : LimitContender.Kind.values()) {
                    LimitRound round = LimitRound.run(kind, redis.uri(), keys, Duration.ofSeconds(seconds));
                    rounds.add(round);
                    out.println(round.line());
                }
            }
        }
        Files.createDirectories(directory);
        Path report = directory.resolve("shared-limits.md");
        Files.writeString(report, report(machine, rounds));
        out.println("see " + report);
        return 0;
    }

    private String report(String machine, List<LimitRound> rounds) {
        StringBuilder text = new StringBuilder("# What a decision of a limit in Redis costs\n\nMeasured with\n\n");
        text.append(String.format(
                Locale.ROOT,
                "    java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.RedisLimits --seconds %d --redis-version %s%n%n",
                seconds,
                RedisVersionName.of(version)));
        text.append(
                "64 threads ask for one unit each time; the limit lets all pass. Commands are all that the client sends to"
                        + " Redis, in the\nbackground, too.\n\n");
        text.append("| keys | limiter | decisions/s | commands for each decision | beside Bucket4j as it comes |\n");
        text.append("|---:|---|---:|---:|---:|\n");
        for (LimitRound round : rounds) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %,d | %s | %,.0f | %.4f | %.1fx |%n",
                    round.keys(),
                    round.kind().text(),
                    round.perSecond(),
                    round.commandsPerDecision(),
                    round.perSecond() / peer(rounds, round.keys()).perSecond()));
        }
        return text.append('\n').append(machine).append('\n').toString();
    }

    private static LimitRound peer(List<LimitRound> rounds, int keys) {
        return rounds.stream()
                .filter(round -> round.keys() == keys && round.kind() == LimitContender.Kind.BUCKET4J)
                .findFirst()
                .orElseThrow();
    }
}
