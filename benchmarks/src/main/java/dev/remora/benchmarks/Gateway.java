package dev.remora.benchmarks;

import dev.remora.LoadBalancer;
import dev.remora.netty.GatewayServer;
import dev.remora.pool.Backend;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What is measured: a gateway with its defaults, on 127.0.0.1, in front of one back end. */
final class Gateway implements RunningProxy {

    /** What the names of its threads begin with. */
    static final String THREADS = "remora-gateway";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final OpenStreams streams = new OpenStreams();
    private final LoadBalancer balancer;
    private final GatewayServer server;

    Gateway(InetSocketAddress backend) {
        balancer = LoadBalancer.builder()
                .backends(Backend.of("scripted", "http://127.0.0.1:" + backend.getPort()))
                .listener(streams)
                .build();
        server = GatewayServer.builder(balancer).port(0).start();
    }

    @Override
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    }

    /**
     * Returns when so many streams are open.
     *
     * @return the number that the balancer's own statistics tell
     */
    long awaitOpenStreams(int expected) throws InterruptedException {
        streams.await(expected, PATIENCE);
        return balancer.stats().openStreams();
    }

    /** Stops the server and the balancer; what is still open is cut. */
    @Override
    public void close() {
        try {
            server.stop(Duration.ZERO).toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the gateway does not stop", e);
        } finally {
            balancer.close();
        }
    }
}
