package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Drain;
import dev.remora.LoadBalancer;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import jakarta.servlet.AsyncContext;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that has no back ends and guards itself. */
@InEveryContainer
class GuardedApplicationTest {

    private final CountDownLatch finish = new CountDownLatch(1);

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() throws Exception {
        gateway = new ServletGateway(
                base,
                LoadBalancer.builder().health(HealthPolicy.none()),
                Backend.here().withMaxStreams(1));
        gateway.balanced();
        gateway.serve("/stream", (request, response) -> {
            AsyncContext async = request.startAsync();
            LoadBalancingFilter.lease(request).orElseThrow().onEndRequested(wish -> finish.countDown());
            response.flushBuffer();
            async.start(() -> {
                await(finish);
                async.complete();
            });
        });
        gateway.serve("/", (request, response) -> response.getWriter().print("served"));
        gateway.start();
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFullApplicationAsksItsClientsToComeBack() throws Exception {
        HttpResponse<InputStream> stream = gateway.get("/stream", BodyHandlers.ofInputStream());

        HttpResponse<String> refused = gateway.get("/");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).contains("1");

        finish.countDown();
        stream.body().readAllBytes();
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.get("/").body()).isEqualTo("served");
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aDrainEndsTheOpenStreams() throws Exception {
        HttpResponse<InputStream> stream = gateway.get("/stream", BodyHandlers.ofInputStream());
        gateway.balancer.drain("here", Drain.softly(Duration.ZERO).until(Duration.ZERO));
        assertThat(new String(stream.body().readAllBytes(), StandardCharsets.US_ASCII))
                .isEmpty();
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.get("/").statusCode()).isEqualTo(503);
    }
}
