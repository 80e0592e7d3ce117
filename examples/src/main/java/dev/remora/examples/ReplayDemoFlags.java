package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.affinity.StickyCookie;
import dev.remora.examples.demo.DemoBackends;
import dev.remora.pool.BackendSource;
import dev.remora.strategy.Strategy;
import java.security.SecureRandom;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A gateway and three back ends in the process of the replay. */
final class ReplayDemoFlags {

    private static final int KEY_BYTES = 32;

    @SuppressWarnings("UnusedVariable") // That it is given says everything.
    @Option(
            names = "--demo",
            required = true,
            description = "Start a gateway and three demo back ends, which speak faster by --speedup, too.")
    private boolean demo;

    @Option(
            names = "--strategy",
            paramLabel = "NAME",
            description = "Who serves a request without a cookie: power-of-two-choices, least-connections,"
                    + " least-response-time, round-robin or random (default: " + StrategyName.DEFAULT + ").")
    private String strategy = StrategyName.DEFAULT;

    @ArgGroup(exclusive = false)
    private DemoFlags speaking = new DemoFlags();

    /** @throws IllegalArgumentException when a flag is wrong */
    void requireValid() {
        strategy();
        speaking.pace();
    }

    RunningGateways open(double speedup) throws CommandFailed {
        Strategy chosen = strategy();
        Stickiness sticky = Stickiness.byCookie(StickyCookie.signedWith(SecureRandom.getSeed(KEY_BYTES)));
        DemoBackends backends = speaking.start(speedup);
        var running = new RunningGateways(backends, ClientStore.inMemory(sticky));
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .backends(BackendSource.fixed(backends.members()))
                .strategy(chosen);
        sticky.applyTo(builder);
        LoadBalancer balancer = builder.build();
        running.closeLater(balancer::close);
        running.add(RunningGateway.start(new NettyFlags(), FrontSettings.anyPort(), balancer, Optional.empty()));
        return running;
    }

    private Strategy strategy() {
        return StrategyName.withoutKey(strategy).strategy();
    }
}
