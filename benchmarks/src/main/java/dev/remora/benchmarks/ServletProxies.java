package dev.remora.benchmarks;

import io.undertow.Version;
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
import org.apache.catalina.util.ServerInfo;
import org.eclipse.jetty.util.Jetty;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What Remora's reverse-proxy servlet costs in Jetty, Tomcat and Undertow, beside the proxies that Jetty and Undertow bring,
 * and the Netty gateway.
 *
 * <p>The workload: event streams with 60 bytes an event, at a fixed rate; then small requests on connections that are kept, at
 * a fixed rate. Each proxy runs in a JVM of its own, and they take turns; client and back end stay here. A report is
 * written into a directory.
 *
 * <pre>{@code
 * java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.ServletProxies
 * java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.ServletProxies --rounds 3 --only JETTY_ASYNC,REMORA_JETTY
 * }</pre>
 */
@Command(
        name = "ServletProxies",
        description =
                "Compares the processor time that reverse proxies in servlet containers take, and writes a report.")
final class ServletProxies implements Callable<Integer> {

    private final PrintWriter out;
    private final long started = System.nanoTime();

    @SuppressWarnings("UnusedVariable") // it is there for the flag
    @Option(names = "--help", usageHelp = true, description = "Prints this text.")
    private boolean help;

    @Option(
            names = "--streams",
            converter = AtLeastOne.class,
            description = "Event streams that are open at once; ${DEFAULT-VALUE} by default.")
    private int streams = 200;

    @Option(
            names = "--events",
            converter = AtLeastOne.class,
            description = "Events of each stream in a round; ${DEFAULT-VALUE} by default.")
    private int events = 100;

    @Option(
            names = "--connections",
            converter = AtLeastOne.class,
            description = "Connections with requests; ${DEFAULT-VALUE} by default.")
    private int connections = 50;

    @Option(
            names = "--requests",
            converter = AtLeastOne.class,
            description = "Requests on each connection in a round; ${DEFAULT-VALUE} by default.")
    private int requests = 100;

    @Option(
            names = "--gap",
            converter = AtLeastOne.class,
            description = "Milliseconds from one event of a stream, or one request of a connection, to the next;"
                    + " ${DEFAULT-VALUE} by default.")
    private int gap = 50;

    @Option(
            names = "--warm-ups",
            converter = AtLeastOne.class,
            description = "Rounds before those that are measured; ${DEFAULT-VALUE} by default.")
    private int warmUps = 4;

    @Option(
            names = "--rounds",
            converter = AtLeastOne.class,
            description = "Rounds that are measured; ${DEFAULT-VALUE} by default.")
    private int rounds = 9;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "CONTENDER",
            description = "Runs these only; all by default: ${COMPLETION-CANDIDATES}.")
    private List<ProxyContender> only = List.of(ProxyContender.values());

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description = "Where the report goes; ${DEFAULT-VALUE} by default.")
    private Path directory = Path.of("benchmarks", "results");

    ServletProxies(PrintWriter out) {
        this.out = out;
    }

    /** Runs it. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new ServletProxies(out)).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        String machine = Machine.description();
        Duration pause = Duration.ofMillis(gap);
        List<ProxyContender> contenders = only.stream().distinct().sorted().toList();
        ProxyTrial byEvent;
        try (ProxyLoad load = new EventLoad(streams, new Script(events, pause, true))) {
            byEvent = ProxyTrial.run(load, contenders, warmUps, rounds, this::progress);
        }
        ProxyTrial byRequest;
        try (ProxyLoad load = new RequestLoad(connections, requests, pause)) {
            byRequest = ProxyTrial.run(load, contenders, warmUps, rounds, this::progress);
        }
        write(new ProxyReport(flags(), machine, versions(), List.of(byEvent, byRequest)));
        return 0;
    }

    private void write(ProxyReport report) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("servlet-proxy.md");
        Files.writeString(file, report.toString());
        progress("see " + file);
    }

    private String flags() {
        return String.format(
                Locale.ROOT,
                "--streams %d --events %d --connections %d --requests %d --gap %d --warm-ups %d --rounds %d",
                streams,
                events,
                connections,
                requests,
                gap,
                warmUps,
                rounds);
    }

    private static String versions() {
        return String.format(
                Locale.ROOT,
                "Jetty %s, %s, Undertow %s.",
                Jetty.VERSION,
                ServerInfo.getServerInfo().replace('/', ' '),
                Version.getVersionString());
    }

    private void progress(String what) {
        out.printf(Locale.ROOT, "%3d s  %s%n", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started), what);
        out.flush();
    }
}
