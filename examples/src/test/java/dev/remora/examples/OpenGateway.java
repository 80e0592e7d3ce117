package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats;
import dev.remora.LoadBalancer;
import dev.remora.examples.demo.DemoBackend;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** A gateway in this process, or several, made from the command line's flags, each on any free port. */
final class OpenGateway implements AutoCloseable {

    private final RunningGateways running;

    private OpenGateway(RunningGateways running) {
        this.running = running;
    }

    /** On Netty. */
    static OpenGateway with(String... flags) throws CommandFailed {
        return of(List.of("chat-gateway"), flags);
    }

    /** @param command its name, and flags that say which */
    static OpenGateway of(List<String> command, String... flags) throws CommandFailed {
        var all = new ArrayList<>(command);
        all.addAll(List.of(flags));
        if (!all.contains("--port")) {
            all.addAll(List.of("--port", "0"));
        }
        Object parsed = Main.commandLine()
                .parseArgs(all.toArray(String[]::new))
                .subcommand()
                .commandSpec()
                .userObject();
        return new OpenGateway(
                parsed instanceof ServletGateway servlet ? servlet.open() : ((ChatGateway) parsed).open());
    }

    /** Of the first. */
    URI uri() {
        return running.first().uri();
    }

    List<URI> uris() {
        return running.all().stream().map(RunningGateway::uri).toList();
    }

    RunningGateways running() {
        return running;
    }

    /** Of the first. */
    LoadBalancer balancer() {
        return running.first().balancer();
    }

    /** Of the first. */
    BalancerStats stats() {
        return balancer().stats();
    }

    DemoBackend demo(String name) {
        return running.demo().all().stream()
                .filter(backend -> backend.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        running.close();
        assertThat(running.balancers())
                .extracting(balancer -> balancer.stats().openStreams())
                .as("streams that are open after the end")
                .containsOnly(0L);
    }
}
