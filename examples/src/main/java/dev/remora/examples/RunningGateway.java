package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.examples.demo.DemoBackends;
import dev.remora.netty.GatewayServer;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A gateway that serves, with all that belongs to it. Thread-safe. */
final class RunningGateway implements AutoCloseable {

    private final GatewayServer server;
    private final LoadBalancer balancer;
    private final DemoBackends demo;
    private final URI uri;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    private RunningGateway(GatewayServer server, LoadBalancer balancer, DemoBackends demo, URI uri) {
        this.server = server;
        this.balancer = balancer;
        this.demo = demo;
        this.uri = uri;
    }

    /**
     * Listens.
     *
     * @param balancer closed with the gateway, unless it cannot start
     * @param demo likewise
     */
    static RunningGateway start(
            GatewayServer.Builder builder, LoadBalancer balancer, DemoBackends demo, String host, boolean secure)
            throws CommandFailed {
        try {
            GatewayServer server = builder.start();
            return new RunningGateway(server, balancer, demo, uri(host, server.port(), secure));
        } catch (IllegalStateException e) {
            throw new CommandFailed(e.getMessage() + " (--port chooses another port, --port 0 any free one)", e);
        }
    }

    /** Where a client on this machine reaches it. */
    URI uri() {
        return uri;
    }

    LoadBalancer balancer() {
        return balancer;
    }

    DemoBackends demo() {
        return demo;
    }

    /** Serves for the grace as before, unless it is stopped meanwhile, then stops; returns when all is over. */
    void stop(Duration grace, Duration patience) {
        try {
            stopping.await(grace.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stop(patience);
    }

    /** Stops gracefully, and returns when all is over. */
    void stop(Duration patience) {
        stopping.countDown();
        server.stop(patience).toCompletableFuture().join();
        balancer.close();
        demo.close();
        stopped.countDown();
    }

    void awaitStop() throws InterruptedException {
        stopped.await();
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }

    private static URI uri(String host, int port, boolean secure) {
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String name = any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
        return URI.create((secure ? "https://" : "http://") + name + ":" + port);
    }
}
