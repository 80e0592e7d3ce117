package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.examples.demo.DemoPages;
import dev.remora.examples.demo.DemoSite;
import dev.remora.netty.GatewayServer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import picocli.CommandLine.Option;

/** The server on Netty, and what only it can be told. */
final class NettyFlags implements FrontServer.Kind {

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that serve connections (default: as many as processors).")
    private Optional<Integer> threads = Optional.empty();

    @Option(names = "--max-line-bytes", paramLabel = "N", description = "The longest request line (default: 8192).")
    private Optional<Integer> maxLineBytes = Optional.empty();

    @Option(names = "--max-header-bytes", paramLabel = "N", description = "All headers together (default: 32768).")
    private Optional<Integer> maxHeaderBytes = Optional.empty();

    @Option(
            names = "--max-idle-connections",
            paramLabel = "N",
            description = "Idle connections kept to each back end by each thread (default: 64).")
    private Optional<Integer> maxIdleConnections = Optional.empty();

    @Option(
            names = "--request-head-timeout",
            paramLabel = "TIME",
            description = "The head of a request (default: 10s).")
    private Optional<Duration> requestHead = Optional.empty();

    @Option(
            names = "--backend-idle-timeout",
            paramLabel = "TIME",
            description = "An idle connection to a back end (default: 60s).")
    private Optional<Duration> backendIdle = Optional.empty();

    @Override
    public FrontServer start(FrontSettings settings, LoadBalancer balancer, Optional<DemoSite> site) {
        GatewayServer.Builder server = GatewayServer.builder(balancer)
                .host(settings.host())
                .port(settings.port())
                .preserveHost(settings.preserveHost())
                .timeouts(requestHead.map(settings.timeouts()::withRequestHead).orElse(settings.timeouts()));
        settings.tls().ifPresent(tls -> server.tls(tls.certificate(), tls.key()));
        settings.backendCa().ifPresent(server::backendTls);
        settings.maxBodyBytes().ifPresent(server::maxRequestBodyBytes);
        threads.ifPresent(server::eventLoopThreads);
        maxLineBytes.ifPresent(server::maxInitialLineBytes);
        maxHeaderBytes.ifPresent(server::maxHeaderBytes);
        maxIdleConnections.ifPresent(server::maxIdleConnections);
        backendIdle.ifPresent(server::backendIdle);
        site.ifPresent(shown -> server.handlers(pipeline -> pipeline.addLast(new DemoPages(shown))));
        return new NettyServer(server.start());
    }

    private record NettyServer(GatewayServer server) implements FrontServer {

        @Override
        public int port() {
            return server.port();
        }

        @Override
        public CompletionStage<Void> stop(Duration patience) {
            return server.stop(patience);
        }
    }
}
