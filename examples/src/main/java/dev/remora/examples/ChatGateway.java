package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.examples.demo.DemoBackends;
import dev.remora.examples.demo.DemoControls;
import dev.remora.examples.demo.DemoPages;
import dev.remora.netty.GatewayServer;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A gateway for chat traffic: answers stream token by token, and a client stays on its back end.
 *
 * <p>Without flags it is a demo, whole in one process. {@link #open} is the library in use; with its defaults it comes down
 * to this:
 *
 * <pre>{@code
 * LoadBalancer balancer = LoadBalancer.builder()
 *         .backends(Backend.of("a", "http://10.0.0.1:8080"), Backend.of("b", "http://10.0.0.2:8080"))
 *         .stickyCookie(StickyCookie.signedWith(key))
 *         .healthProbe(HealthProbe.http("/healthz"))
 *         .build();
 * GatewayServer gateway = GatewayServer.builder(balancer).port(8080).start();
 * }</pre>
 */
@Command(
        name = "chat-gateway",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        customSynopsis = "java -jar remora-examples.jar chat-gateway [FLAG...]",
        sortOptions = false,
        description = {
            "Puts one address in front of several chat back ends: LobeChat, Ollama, any OpenAI-compatible API.",
            "Without any back end it starts three small back ends of its own, and a page to talk to them."
        })
final class ChatGateway implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--backend",
            paramLabel = "NAME=URL",
            description =
                    "A server to relay to, as a=http://10.0.0.1:8080[,weight=2][,max-streams=100][,zone=z], https,"
                            + " too; may be repeated. Without any: the demo.")
    private List<Backend> backends = new ArrayList<>();

    @ArgGroup(exclusive = false)
    private SourceFlags others = new SourceFlags();

    @ArgGroup(exclusive = false, heading = "%nServing%n")
    private ServingFlags serving = new ServingFlags();

    @ArgGroup(exclusive = false, heading = "%nSeveral gateways%n")
    private SharingFlags sharing = new SharingFlags();

    @ArgGroup(exclusive = false, heading = "%nSticking%n")
    private StickyFlags sticking = new StickyFlags();

    @ArgGroup(exclusive = false, heading = "%nBalancing%n")
    private BalancingFlags balancing = new BalancingFlags();

    @ArgGroup(exclusive = false, heading = "%nWho may enter%n")
    private EntryFlags entry = new EntryFlags();

    @ArgGroup(exclusive = false, heading = "%nLimits%n")
    private LimitFlags limits = new LimitFlags();

    @ArgGroup(exclusive = false, heading = "%nHealth%n")
    private HealthFlags health = new HealthFlags();

    @ArgGroup(exclusive = false, heading = "%nTimeouts%n")
    private TimeoutFlags timeouts = new TimeoutFlags();

    @ArgGroup(exclusive = false, heading = "%nDemo, without --backend%n")
    private @Nullable DemoFlags demo;

    @Override
    public Integer call() throws CommandFailed, InterruptedException {
        RunningGateways gateways;
        try {
            gateways = open();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> serving.stop(gateways), "stop"));
        PrintWriter out = spec.commandLine().getOut();
        out.print(Greeting.of(gateways));
        out.flush();
        gateways.awaitStop();
        return 0;
    }

    /**
     * Starts what the flags say; returns when it serves.
     *
     * @throws IllegalArgumentException when a flag is wrong
     */
    RunningGateways open() throws CommandFailed {
        List<BackendSource> sources = sources();
        if (sources.size() > 1) {
            throw new IllegalArgumentException(
                    "back ends: " + sources.size() + " sources (expected: one of --backend, --backends-file, --dns)");
        }
        if (!sources.isEmpty() && demo != null) {
            throw new IllegalArgumentException("backend: given (expected: none, when the demo is described)");
        }
        serving.requirePorts(sharing.gateways());
        Stickiness sticky = sticking.stickiness(balancing.hashes(), sharing);
        DemoBackends own = sources.isEmpty() ? (demo == null ? new DemoFlags() : demo).start(1) : DemoBackends.none();
        try {
            BackendSource source = sources.isEmpty() ? BackendSource.fixed(own.members()) : sources.get(0);
            return open(source, new RunningGateways(own, ClientStore.open(sticky, sharing, limits.any())));
        } catch (CommandFailed | RuntimeException e) {
            own.close();
            throw e;
        }
    }

    private List<BackendSource> sources() {
        List<BackendSource> sources = new ArrayList<>(others.sources());
        if (!backends.isEmpty()) {
            sources.add(BackendSource.fixed(backends));
        }
        return sources;
    }

    private RunningGateways open(BackendSource source, RunningGateways running) throws CommandFailed {
        try {
            var controls = new DemoControls(running.demo(), running::balancers);
            for (int number = 0; number < sharing.gateways(); number++) {
                running.add(start(number, source, running, controls));
            }
            return running;
        } catch (CommandFailed | RuntimeException e) {
            running.close();
            throw e;
        }
    }

    /** The library in use: a balancer that knows the back ends, and a server in front of it. */
    private RunningGateway start(int number, BackendSource source, RunningGateways running, DemoControls controls)
            throws CommandFailed {
        LoadBalancerBuilder builder = LoadBalancer.builder().backends(balancing.capped(source));
        balancing.applyTo(builder);
        health.applyTo(builder, running.isDemo());
        running.store().sticky().applyTo(builder);
        running.store().newMap().ifPresent(builder::sessions);
        serving.applyTo(builder);
        entry.applyTo(builder);
        limits.applyTo(builder, running.store());
        LoadBalancer balancer = builder.build();
        running.closeLater(balancer::close);
        GatewayServer.Builder server = GatewayServer.builder(balancer);
        serving.applyTo(server, number);
        timeouts.applyTo(server);
        if (running.isDemo()) {
            server.handlers(pipeline -> pipeline.addLast(new DemoPages(controls, balancer::stats)));
        }
        return RunningGateway.start(server, balancer, serving.host(), serving.secure());
    }
}
