package dev.remora.examples;

import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A gateway for chat traffic on Netty: answers stream token by token, and a client stays on its back end.
 *
 * <p>Without flags it is a demo, whole in one process. {@link GatewayFlags#open} is the library in use; with its defaults
 * it comes down to this:
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

    @Mixin
    private GatewayFlags flags = new GatewayFlags();

    @ArgGroup(exclusive = false, heading = "%nThe server, on Netty%n")
    private NettyFlags server = new NettyFlags();

    @Override
    public Integer call() throws CommandFailed, InterruptedException {
        return flags.serve(server, spec.commandLine());
    }

    RunningGateways open() throws CommandFailed {
        return flags.open(server);
    }
}
