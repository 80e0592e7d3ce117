package dev.remora.benchmarks;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * By how much an event comes later because a gateway stands in between.
 *
 * <p>The workload: so many event streams at once, on each of them an event of 60 bytes every so many milliseconds,
 * evenly spread. The back end stamps each event as it hands it to its socket; the client notes when it has read it from
 * its own. Rounds without and through the gateway take turns. The back end never waits, so a stalled gateway shows in
 * the delays of all events that it holds up. Client, gateway and back end are one process: they share one clock, and also
 * the processors.
 *
 * <pre>{@code java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.AddedDelay --streams 50 --events 200 --gap 20}</pre>
 */
@Command(
        name = "AddedDelay",
        description = "Prints by how much an event comes later because a gateway stands in between.")
final class AddedDelay implements Callable<Integer> {

    private static final int WARM_UPS = 3;

    private final PrintWriter out;

    @SuppressWarnings("UnusedVariable") // it is there for the flag
    @Option(names = "--help", usageHelp = true, description = "Prints this text.")
    private boolean help;

    @Option(
            names = "--streams",
            converter = AtLeastOne.class,
            description = "Event streams that are open at once; ${DEFAULT-VALUE} by default.")
    private int streams = 50;

    @Option(
            names = "--events",
            converter = AtLeastOne.class,
            description = "Events of each stream; ${DEFAULT-VALUE} by default.")
    private int events = 200;

    @Option(
            names = "--gap",
            converter = AtLeastOne.class,
            description = "Milliseconds between two events of a stream; ${DEFAULT-VALUE} by default.")
    private int gap = 20;

    @Option(
            names = "--rounds",
            converter = AtLeastOne.class,
            description = "Rounds that are measured each way; ${DEFAULT-VALUE} by default.")
    private int rounds = 5;

    AddedDelay(PrintWriter out) {
        this.out = out;
    }

    /** Runs it. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new AddedDelay(out)).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        String machine = Machine.description();
        Script script = new Script(events, Duration.ofMillis(gap), true);
        List<DelayRound> direct = new ArrayList<>();
        List<DelayRound> through = new ArrayList<>();
        long open;
        try (EventBackend backend = new EventBackend(script);
                Gateway gateway = new Gateway(backend.address());
                EventClient client = new EventClient()) {
            for (int i = -WARM_UPS; i < rounds; i++) {
                DelayRound without = DelayRound.run(client, backend.address(), streams, script);
                DelayRound with = DelayRound.run(client, gateway.address(), streams, script);
                if (i >= 0) {
                    direct.add(without);
                    through.add(with);
                }
            }
            open = gateway.awaitOpenStreams(0);
        }
        out.printf(
                "%d streams, %d events on each, one every %d ms. %d rounds each way in turn, after %d for warm-up.%n%n",
                streams, events, gap, rounds, WARM_UPS);
        new DelayReport(direct, through).print(out);
        out.printf("Streams still open in the gateway at the end: %d.%n%nMachine: %s.%n", open, machine);
        return open == 0 ? 0 : 1;
    }
}
