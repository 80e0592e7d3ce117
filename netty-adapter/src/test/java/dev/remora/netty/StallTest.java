package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.health.HealthPolicy;
import dev.remora.wire.Wire;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A back end that falls silent in an answer stalls; one that waits for its client's upload does not. */
final class StallTest extends GatewayFixture {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyTheSilenceOfTheBackEndCounts(boolean uploaded) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        closing(over::countDown);
        var timers = time.loops(1, NioIoHandler.newFactory());
        closing(() -> timers.shutdownGracefully(0, 1, TimeUnit.SECONDS));
        gateway(
                settings -> settings.clock(time::nanoTime)
                        .scheduler(timers)
                        .health(HealthPolicy.outlierDetection()
                                .withConsecutiveStalls(1)
                                .withStallAfter(1, Duration.ofSeconds(1))
                                .withLargestEjectedShare(1)),
                server -> {},
                backend("a", server -> {
                    server.head();
                    server.text(uploaded ? 4 : 2);
                    server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    server.send("1\r\nx\r\n");
                    over.await();
                }));
        Wire client =
                client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n" + (uploaded ? "abcd" : "ab"));
        assertThat(client.head()).startsWith("HTTP/1.1 200 ");
        client.text("1\r\nx\r\n".length());
        for (int second = 0; second < 20; second++) {
            time.pass(Duration.ofSeconds(1));
            time.settle();
        }
        assertThat(balancer().stats().backends().get(0).status()).isEqualTo(uploaded ? Status.UNFIT : Status.READY);
        client.close();
    }
}
