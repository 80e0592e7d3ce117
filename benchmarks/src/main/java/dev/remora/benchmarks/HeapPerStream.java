package dev.remora.benchmarks;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How much memory of a gateway one open, silent event stream holds.
 *
 * <p>The workload: each request has the head that a browser sends; the back end answers with a head and one event of 60
 * bytes, and then nothing more. The gateway runs alone in a JVM of its own; client and back end stay here. All streams
 * are opened and left once before, so that classes, thread-local caches and the first chunks of the allocator are not
 * counted. What is printed is the difference between all streams open and none. Not in it: the kernel's socket buffers.
 *
 * <pre>{@code java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.HeapPerStream --streams 2000}</pre>
 */
@Command(
        name = "HeapPerStream",
        description = "Prints how much memory of a gateway one open, silent event stream holds.")
final class HeapPerStream implements Callable<Integer> {

    private static final Script ONE_EVENT_THEN_SILENCE = new Script(1, Duration.ofMillis(1), false);

    private final PrintWriter out;

    @SuppressWarnings("UnusedVariable") // it is there for the flag
    @Option(names = "--help", usageHelp = true, description = "Prints this text.")
    private boolean help;

    @Option(
            names = "--streams",
            converter = AtLeastOne.class,
            description = "Event streams that are open at once; ${DEFAULT-VALUE} by default.")
    private int streams = 2_000;

    HeapPerStream(PrintWriter out) {
        this.out = out;
    }

    /** Runs it. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new HeapPerStream(out)).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        String machine = Machine.description();
        try (EventBackend backend = new EventBackend(ONE_EVENT_THEN_SILENCE);
                GatewayProcess gateway = new GatewayProcess(backend.address());
                EventClient client = new EventClient()) {
            readWithStreams(gateway, client);
            MemoryReading before = gateway.memory();
            MemoryReading during = readWithStreams(gateway, client);
            long open = gateway.awaitOpenStreams(0);
            print(before, during, gateway.memory());
            out.printf("%nStreams still open in the gateway at the end: %d.%n%nMachine: %s.%n", open, machine);
            return open == 0 ? 0 : 1;
        }
    }

    private MemoryReading readWithStreams(GatewayProcess gateway, EventClient client) throws Exception {
        MemoryReading reading;
        try (Crowd crowd = new Crowd(client, gateway.address(), streams)) {
            gateway.awaitOpenStreams(crowd.size());
            reading = gateway.memory();
        }
        gateway.awaitOpenStreams(0);
        return reading;
    }

    private void print(MemoryReading before, MemoryReading during, MemoryReading after) {
        MemoryReading held = during.minus(before);
        out.printf("%d event streams, open and silent. JVM of the gateway: %s.%n%n", streams, flags());
        out.println("| memory of the gateway | per stream, bytes | none open, KiB | all open, KiB | all left, KiB |");
        out.println("|---|---:|---:|---:|---:|");
        row("heap, live objects", held, before, during, after, MemoryReading::heap);
        row("direct buffers", held, before, during, after, MemoryReading::direct);
        row("direct memory in Netty's allocator", held, before, during, after, MemoryReading::allocator);
        row("resident set of the process", held, before, during, after, MemoryReading::resident);
    }

    private void row(
            String name,
            MemoryReading held,
            MemoryReading before,
            MemoryReading during,
            MemoryReading after,
            ToLongFunction<MemoryReading> part) {
        out.printf(
                Locale.ROOT,
                "| %s | %,d | %,d | %,d | %,d |%n",
                name,
                part.applyAsLong(held) / streams,
                part.applyAsLong(before) / 1024,
                part.applyAsLong(during) / 1024,
                part.applyAsLong(after) / 1024);
    }

    private static String flags() {
        return String.join(" ", GatewayProcess.JVM_FLAGS);
    }
}
