package dev.remora.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.remora.BalancerStats;
import dev.remora.BalancerStats.BackendStats;
import dev.remora.BalancerStats.Status;
import dev.remora.LoadBalancer;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DemoPagesTest {

    private static final BalancerStats STATS = new BalancerStats(
            1,
            5,
            0,
            List.of(new BackendStats(
                    Backend.of("b", "http://127.0.0.1:1"), Status.UNFIT, 1, 2, 1, 2, 9, 4, 2, 1, 12.5)));

    private final DemoBackends backends;
    private final LoadBalancer balancer;
    private final EmbeddedChannel channel;

    DemoPagesTest() throws IOException {
        backends = DemoBackends.start(Pace.readable(), 1);
        balancer = LoadBalancer.builder()
                .backends(BackendSource.fixed(backends.members()))
                .build();
        channel = new EmbeddedChannel(
                new DemoPages(new DemoSite(new DemoControls(backends, () -> List.of(balancer)), () -> STATS)));
    }

    @AfterEach
    void close() {
        balancer.close();
        backends.close();
        assertThat(channel.finishAndReleaseAll()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html",
        "/?x=1, text/html",
        "/demo/chat.css, text/css",
        "/demo/chat.js, text/javascript",
        "/demo/panel.js, text/javascript",
        "/demo/stream.js, text/javascript",
        "/demo/icon.svg, image/svg+xml"
    })
    void servesThePageAndItsFiles(String path, String type) {
        FullHttpResponse response = request(HttpMethod.GET, path, false);

        assertThat(response.status().code()).isEqualTo(200);
        assertThat(response.headers().get("Content-Type")).startsWith(type);
        assertThat(response.headers().get("Content-Security-Policy")).startsWith("default-src 'none'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/chat/completions", "/ws", "/demonstration", "/index.html", "*"})
    void passesEverythingElseOnInAllItsParts(String path) {
        var head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path);
        var body = new DefaultHttpContent(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8));
        var end = new DefaultLastHttpContent();

        channel.writeInbound(head, body, end);

        assertThat(channel.<Object>readInbound()).isSameAs(head);
        HttpContent passed = channel.readInbound();
        assertThat(passed).isSameAs(body);
        passed.release();
        assertThat(channel.<Object>readInbound()).isSameAs(end);
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void tellsTheStateOfTheBackEndsAsTheGatewaySeesThem() {
        JsonNode state = body(request(HttpMethod.GET, "/demo/state", false));

        assertThat(state.path("refused").asInt()).isEqualTo(5);
        assertThat(state.path("openStreams").asInt()).isEqualTo(2);
        JsonNode b = state.at("/backends/0");
        assertThat(b.path("name").asText()).isEqualTo("b");
        assertThat(b.path("running").asBoolean()).isTrue();
        assertThat(b.path("status").asText()).isEqualTo("unfit");
        assertThat(b.path("picked").asInt()).isEqualTo(9);
    }

    @Test
    void stopsAndStartsABackEnd() {
        DemoBackend b = backends.named("b").orElseThrow();

        ask(HttpMethod.POST, "/demo/backends/b/stop", true);
        // Steps of a back end are taken in turn: when this one is done, so is the one that was asked for.
        b.stop().join();

        assertThat(body(channel.readOutbound()).at("/backends/0/running").asBoolean())
                .isFalse();
        assertThat(backends.all()).extracting(DemoBackend::running).containsExactly(true, false, true);

        ask(HttpMethod.POST, "/demo/backends/b/start", true);
        b.start().join();

        assertThat(body(channel.readOutbound()).at("/backends/0/running").asBoolean())
                .isTrue();
    }

    @Test
    void drainsABackEndAndCallsTheDrainOff() {
        JsonNode drained = body(request(HttpMethod.POST, "/demo/backends/b/drain", true));

        assertThat(drained.at("/backends/0/drain").asText())
                .as("nobody is tied to it: it is empty at once")
                .isEqualTo("empty");
        assertThat(balancer.stats().backends())
                .extracting(BackendStats::status)
                .containsExactly(Status.READY, Status.DRAINING, Status.READY);

        JsonNode undone = body(request(HttpMethod.POST, "/demo/backends/b/undo", true));

        assertThat(undone.at("/backends/0/drain").isMissingNode()).isTrue();
        assertThat(balancer.stats().backends()).extracting(BackendStats::status).containsOnly(Status.READY);
        assertThat(request(HttpMethod.POST, "/demo/backends/b/undo", true)
                        .status()
                        .code())
                .as("a second time changes nothing")
                .isEqualTo(200);
    }

    @Test
    void controlsNothingWithoutItsHeader() {
        FullHttpResponse response = request(HttpMethod.POST, "/demo/backends/b/stop", false);

        assertThat(response.status().code()).isEqualTo(403);
        assertThat(backends.named("b"))
                .hasValueSatisfying(b -> assertThat(b.running()).isTrue());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /demo/nothing, 404",
        "POST, /demo/backends/x/stop, 404",
        "POST, /demo/backends/b/explode, 404",
        "POST, /demo/backends/, 404",
        "GET, /demo/backends/b/stop, 404",
        "POST, /, 405",
        "OPTIONS, /demo/backends/b/stop, 405"
    })
    void refusesTheRest(String method, String path, int status) {
        assertThat(request(HttpMethod.valueOf(method), path, true).status().code())
                .isEqualTo(status);
    }

    @Test
    void readsOnUntilABodyIsWhole() {
        var head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/demo/nothing");
        channel.config().setAutoRead(false);

        channel.writeInbound(head);
        assertThat(channel.<Object>readOutbound()).isNull();
        channel.writeInbound(new DefaultLastHttpContent());

        assertThat(channel.<FullHttpResponse>readOutbound().status().code()).isEqualTo(405);
    }

    private FullHttpResponse request(HttpMethod method, String path, boolean withHeader) {
        ask(method, path, withHeader);
        return channel.readOutbound();
    }

    private void ask(HttpMethod method, String path, boolean withHeader) {
        var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, path);
        if (withHeader) {
            request.headers().set(DemoSite.CONTROL_HEADER, "1");
        }
        channel.writeInbound(request);
    }

    private static JsonNode body(FullHttpResponse response) {
        return Chat.json(response.content().toString(StandardCharsets.UTF_8));
    }
}
