package dev.remora.examples;

import dev.remora.BalancerStats;
import dev.remora.examples.replay.Progress;
import dev.remora.examples.replay.Replay;
import dev.remora.examples.replay.ReplayOptions;
import dev.remora.examples.replay.ReplayReport;
import dev.remora.examples.replay.Summary;
import dev.remora.examples.replay.Trace;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replays the trace of a real language-model service against a gateway. */
@Command(
        name = "trace-replay",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        customSynopsis = "java -jar remora-examples.jar trace-replay [FLAG...] FILE",
        sortOptions = false,
        description = {
            "Sends the requests of a recorded trace as streaming chat completions, at the recorded times,"
                    + " and prints what came back.",
            "Exits 0 only when every answer came whole."
        },
        footer = {
            "",
            "Traces: AzureLLMInferenceTrace_conv.csv of github.com/Azure/AzurePublicDataset (CC-BY 4.0), and"
                    + " conversation_trace.jsonl of github.com/kvcache-ai/Mooncake, FAST25-release (Apache-2.0)."
        })
final class TraceReplay implements Callable<Integer> {

    private static final String ENDPOINT = "/v1/chat/completions";
    private static final URI DEFAULT_URL = URI.create("http://127.0.0.1:8080");
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "The trace: Azure's CSV or Mooncake's JSON lines.")
    private Path file = Path.of("");

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Base address of the gateway (default: http://127.0.0.1:8080).")
    private Optional<URI> url = Optional.empty();

    @Option(names = "--allow-remote", description = "Allow a gateway on another machine. Ask its owner first.")
    private boolean allowRemote;

    @Option(
            names = "--speedup",
            paramLabel = "N",
            description = "How many times faster than recorded the requests arrive (default: ${DEFAULT-VALUE}).")
    private double speedup = 1;

    @Option(names = "--requests", paramLabel = "N", description = "Send only the first N requests of the trace.")
    private int requests = Integer.MAX_VALUE;

    @Option(
            names = "--max-open",
            paramLabel = "N",
            description = "Requests that may be open at once; what is due beyond it waits, and counts as late"
                    + " (default: ${DEFAULT-VALUE}).")
    private int maxOpen = 1_000;

    @Option(
            names = "--sticky",
            paramLabel = "none|conversation",
            description = "Send cookies never, or keep those of each conversation as a browser does"
                    + " (default: ${DEFAULT-VALUE}).")
    private String sticky = "none";

    @Option(names = "--timeout", paramLabel = "TIME", description = "The longest time for one answer (default: 10m).")
    private Duration timeout = Duration.ofMinutes(10);

    @Option(
            names = "--time-limit",
            paramLabel = "TIME",
            description = "The longest time for the whole replay (default: 2h).")
    private Duration timeLimit = Duration.ofHours(2);

    @Option(
            names = "--prompt-chars",
            paramLabel = "N",
            description = "How much text at most stands for the context of a request (default: ${DEFAULT-VALUE}).")
    private int promptChars = 2_000;

    @Option(names = "--model", paramLabel = "NAME", description = "The model to ask for (default: ${DEFAULT-VALUE}).")
    private String model = "demo-chat";

    @Option(
            names = "--header",
            paramLabel = "NAME=VALUE",
            description = "One more header of each request; may be repeated.")
    private Map<String, String> headers = new LinkedHashMap<>();

    @Option(
            names = "--backend-header",
            paramLabel = "NAME",
            description = "The response header that names the back end (default: ${DEFAULT-VALUE}).")
    private String backendHeader = "X-Demo-Backend";

    @ArgGroup(exclusive = false, heading = "%nAll in one process%n")
    private @Nullable ReplayDemoFlags demo;

    @Override
    public Integer call() throws CommandFailed, InterruptedException {
        if (demo != null) {
            return replayDemo(demo);
        }
        URI base = url.orElse(DEFAULT_URL);
        ReplayOptions options = options(target(base));
        requireLoopback(base);
        return replay(read(), options).faultless() ? 0 : 1;
    }

    private int replayDemo(ReplayDemoFlags flags) throws CommandFailed, InterruptedException {
        if (url.isPresent()) {
            throw wrong("url: " + url.get() + " (expected: none, with --demo)");
        }
        options(DEFAULT_URL);
        try {
            flags.requireValid();
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
        Trace trace = read();
        ReplayReport report;
        BalancerStats stats;
        try (RunningGateways running = flags.open(speedup)) {
            RunningGateway gateway = running.first();
            report = replay(trace, options(target(gateway.uri())));
            running.stop(STOP_PATIENCE);
            stats = gateway.balancer().stats();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%nThe gateway has %,d open streams left, and refused %,d.%n", stats.openStreams(), stats.refused());
        out.flush();
        return report.faultless() && stats.openStreams() == 0 ? 0 : 1;
    }

    private ReplayReport replay(Trace trace, ReplayOptions options) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        int total = trace.requests().size();
        out.printf("Replaying %,d requests of %s against %s%n", total, file.getFileName(), options.target());
        if (options.conversationCookies() && !trace.hasConversations()) {
            out.println("This trace does not tell conversations: no request will carry a cookie.");
        }
        out.flush();
        ReplayReport report;
        try (Progress progress = Ansi.AUTO.enabled()
                ? Progress.bar(total)
                : Progress.lines(total, spec.commandLine().getErr())) {
            report = new Replay(trace, options, progress).run();
        }
        out.println();
        out.print(Summary.of(report));
        out.flush();
        return report;
    }

    private Trace read() throws CommandFailed {
        try {
            Trace trace = Trace.read(file).first(requests);
            if (trace.requests().isEmpty()) {
                throw new CommandFailed(file + ": no requests (expected: at least one)");
            }
            return trace;
        } catch (NoSuchFileException e) {
            throw new CommandFailed(file + ": no such file", e);
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            throw new CommandFailed(message.startsWith(file + ":") ? message : file + ": cannot be read", e);
        }
    }

    private ReplayOptions options(URI target) {
        if (requests < 1) {
            throw wrong("requests: " + requests + " (expected: >= 1)");
        }
        if (!sticky.equals("none") && !sticky.equals("conversation")) {
            throw wrong("sticky: " + sticky + " (expected: none or conversation)");
        }
        try {
            var options = new ReplayOptions(
                    target,
                    speedup,
                    maxOpen,
                    sticky.equals("conversation"),
                    timeout,
                    timeLimit,
                    promptChars,
                    model,
                    headers,
                    backendHeader);
            options.request();
            return options;
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private URI target(URI base) {
        boolean http = "http".equalsIgnoreCase(base.getScheme()) || "https".equalsIgnoreCase(base.getScheme());
        if (!http || base.getHost() == null) {
            throw wrong("url: " + base + " (expected: http://host:port)");
        }
        String path = base.getPath().replaceAll("/+$", "");
        return base.resolve(path.endsWith(ENDPOINT) ? path : path + ENDPOINT);
    }

    /** A trace is a load: whoever gets it should know about it. */
    private void requireLoopback(URI base) throws CommandFailed {
        if (allowRemote) {
            return;
        }
        try {
            if (!Arrays.stream(InetAddress.getAllByName(base.getHost())).allMatch(InetAddress::isLoopbackAddress)) {
                throw wrong("url: " + base + " (expected: an address of this machine, or --allow-remote)");
            }
        } catch (UnknownHostException e) {
            throw new CommandFailed(base.getHost() + ": no such host", e);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
