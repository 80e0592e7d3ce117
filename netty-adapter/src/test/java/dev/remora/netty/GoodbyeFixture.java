package dev.remora.netty;

import dev.remora.BalancerListener;
import dev.remora.EndRequest;
import dev.remora.LoadBalancerBuilder;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.wire.Wire;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A client and a back end with an open stream between them, which somebody wishes to end. */
abstract class GoodbyeFixture extends GatewayFixture {

    static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
    private final BlockingQueue<Wire> arrived = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    final BlockingQueue<Long> events = new LinkedBlockingQueue<>();
    GatewayServer gateway;

    void start() {
        start(server -> {});
    }

    void start(Consumer<GatewayServer.Builder> settings) {
        start(balancer -> {}, settings);
    }

    /** A gateway whose back end leaves each connection to the test. */
    void start(Consumer<LoadBalancerBuilder> balancing, Consumer<GatewayServer.Builder> settings) {
        closing(over::countDown);
        gateway = gateway(
                balancer -> {
                    balancer.listener(new BalancerListener() {
                        @Override
                        public void ended(Backend backend, Outcome outcome, long openNanos, long bytes, long count) {
                            events.add(count);
                        }
                    });
                    balancing.accept(balancer);
                },
                server -> {
                    server.handlers(pipeline -> accepted.complete(pipeline.channel()));
                    settings.accept(server);
                },
                backend("a", server -> {
                    arrived.add(server);
                    over.await();
                }));
    }

    /** The back end's end of the next connection. */
    Wire server() throws InterruptedException {
        Wire server = arrived.poll(20, TimeUnit.SECONDS);
        if (server == null) {
            throw new AssertionError("nobody has connected within 20 s");
        }
        return server;
    }

    /** Tells the stream on the first connection what is wished; returns when it has been told. */
    void wish(EndRequest.Urgency urgency) throws Exception {
        Channel channel = accepted.get(20, TimeUnit.SECONDS);
        EndRequest wish = new EndRequest(EndRequest.Reason.DRAIN, urgency, 1012, RETRY_AFTER);
        channel.eventLoop()
                .submit(() -> channel.pipeline().fireUserEventTriggered(wish))
                .get(20, TimeUnit.SECONDS);
    }
}
