package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.examples.demo.DemoBackends;
import dev.remora.examples.demo.DemoControls;
import dev.remora.examples.demo.DemoSite;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What a gateway is told, whatever server it has, and its life from the first flag to the last stream. */
final class GatewayFlags {

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

    /** Serves until the process is told to stop. */
    int serve(FrontServer.Kind kind, CommandLine command) throws CommandFailed, InterruptedException {
        RunningGateways gateways;
        try {
            gateways = open(kind);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> serving.stop(gateways), "stop"));
        PrintWriter out = command.getOut();
        out.print(Greeting.of(gateways));
        out.flush();
        gateways.awaitStop();
        return CommandLine.ExitCode.OK;
    }

    /**
     * Starts what the flags say; returns when it serves.
     *
     * @throws IllegalArgumentException when a flag is wrong
     */
    RunningGateways open(FrontServer.Kind kind) throws CommandFailed {
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
            return open(kind, source, new RunningGateways(own, ClientStore.open(sticky, sharing, limits.any())));
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

    private RunningGateways open(FrontServer.Kind kind, BackendSource source, RunningGateways running)
            throws CommandFailed {
        try {
            var controls = new DemoControls(running.demo(), running::balancers);
            for (int number = 0; number < sharing.gateways(); number++) {
                FrontSettings settings = serving.settings(number, timeouts.timeouts());
                LoadBalancer balancer = balancer(source, running);
                Optional<DemoSite> site =
                        running.isDemo() ? Optional.of(new DemoSite(controls, balancer::stats)) : Optional.empty();
                running.add(RunningGateway.start(kind, settings, balancer, site));
            }
            return running;
        } catch (CommandFailed | RuntimeException e) {
            running.close();
            throw e;
        }
    }

    /** The library in use: a balancer that knows the back ends. */
    private LoadBalancer balancer(BackendSource source, RunningGateways running) {
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
        return balancer;
    }
}
