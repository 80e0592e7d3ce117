package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats;
import dev.remora.examples.demo.DemoBackend;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** A gateway in this process, made from the command line's flags, on any free port. */
final class OpenGateway implements AutoCloseable {

    private final RunningGateway gateway;

    private OpenGateway(RunningGateway gateway) {
        this.gateway = gateway;
    }

    static OpenGateway with(String... flags) throws CommandFailed {
        var all = new ArrayList<>(List.of("chat-gateway", "--port", "0"));
        all.addAll(List.of(flags));
        CommandLine main = Main.commandLine();
        main.parseArgs(all.toArray(String[]::new));
        ChatGateway chatGateway = main.getSubcommands().get("chat-gateway").getCommand();
        return new OpenGateway(chatGateway.open());
    }

    URI uri() {
        return gateway.uri();
    }

    RunningGateway running() {
        return gateway;
    }

    BalancerStats stats() {
        return gateway.balancer().stats();
    }

    DemoBackend demo(String name) {
        return gateway.demo().all().stream()
                .filter(backend -> backend.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        gateway.close();
        assertThat(stats().openStreams())
                .as("streams that are open after the end")
                .isZero();
    }
}
