package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** After a 101, bytes flow both ways and nothing of them is lost. */
final class UpgradeTest extends GatewayFixture {

    private static final String UPGRADE = lines(
            "GET /ws HTTP/1.1",
            "Host: chat.test",
            "Connection: keep-alive, Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==");
    private static final String SWITCHING = lines(
            "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: x");

    private static final Duration SHORT = Duration.ofMillis(200);

    private final CompletableFuture<String> seen = new CompletableFuture<>();

    @Test
    void bytesFlowBothWays() throws Exception {
        gateway(settings -> settings.stickyCookie(StickyCookie.signedWith(new byte[32])), server -> {}, echo());
        Wire client = client().send(UPGRADE);
        assertThat(client.head())
                .startsWith("HTTP/1.1 101 ")
                .containsIgnoringCase("connection: upgrade\r\n")
                .containsIgnoringCase("upgrade: websocket\r\n")
                .containsIgnoringCase("set-cookie: remora=");
        assertThat(seen.get(20, TimeUnit.SECONDS))
                .containsIgnoringCase("connection: upgrade\r\n")
                .containsIgnoringCase("upgrade: websocket\r\n");
        for (int i = 0; i < 100; i++) {
            String frame = "frame " + i + "\u0000\u00ff";
            assertThat(client.send(frame).text(frame.length())).isEqualTo(frame);
        }
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void bytesBehindBothHeadsAreNotLost() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send(SWITCHING + "early word of the server");
            seen.complete(server.text(24));
            server.send(server.text(4));
        }));
        Wire client = client().send(UPGRADE + "early word of the client");
        client.head();
        assertThat(client.text(24)).isEqualTo("early word of the server");
        assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo("early word of the client");
        assertThat(client.send("late").text(4)).isEqualTo("late");
        assertThat(client.read()).as("the back end's end is the client's").isEqualTo(-1);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void halfCloseLeavesTheOtherHalfOpen() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send(SWITCHING);
            String all = server.rest();
            server.send("you said: " + all);
        }));
        Wire client = client().send(UPGRADE);
        client.head();
        client.send("my last word");
        client.shutOutput();
        assertThat(client.rest()).isEqualTo("you said: my last word");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void refusedUpgradeIsAnOrdinaryAnswer() {
        gateway(answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            server.send(OK);
        }));
        Wire client = client().send(UPGRADE + GET + UPGRADE);
        for (int i = 0; i < 3; i++) {
            assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        }
    }

    @Test
    void upgradeNobodyAskedForIsA502() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send(SWITCHING);
            server.head();
        }));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
    }

    @Test
    void http2IsNotTunnelled() throws Exception {
        gateway(backend("a", server -> {
            seen.complete(server.head());
            server.send(OK);
        }));
        client().send(lines(
                        "GET / HTTP/1.1",
                        "Host: chat.test",
                        "Connection: Upgrade, HTTP2-Settings",
                        "Upgrade: h2c",
                        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"))
                .response();
        assertThat(seen.get(20, TimeUnit.SECONDS))
                .doesNotContainIgnoringCase("upgrade")
                .doesNotContainIgnoringCase("http2-settings");
    }

    @Test
    void requestWithABodyIsNotUpgraded() throws Exception {
        gateway(backend("a", server -> {
            seen.complete(server.head() + server.text(5));
            server.send(OK);
        }));
        client().send(lines(
                                "POST / HTTP/1.1",
                                "Host: chat.test",
                                "Connection: upgrade",
                                "Upgrade: websocket",
                                "Content-Length: 5")
                        + "hello")
                .response();
        assertThat(seen.get(20, TimeUnit.SECONDS))
                .doesNotContainIgnoringCase("upgrade")
                .endsWith("hello");
    }

    @Test
    void backEndThatResetsTheTunnelHasFailed() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send(SWITCHING);
            server.text(1);
            server.reset();
        }));
        Wire client = client().send(UPGRADE);
        client.head();
        client.send("x");
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void silentTunnelIsCut() throws Exception {
        gateway(settings -> {}, server -> server.timeouts(Timeouts.defaults().withStreamIdle(SHORT)), echo());
        Wire client = client().send(UPGRADE);
        client.head();
        time.pass(SHORT);
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void oneSideThatSpeaksKeepsATunnelOpen() throws Exception {
        Semaphore heard = new Semaphore(0);
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withStreamIdle(SHORT)),
                backend("a", server -> {
                    server.head();
                    server.send(SWITCHING);
                    for (int i = 0; i < 10; i++) {
                        server.text(1);
                        heard.release();
                    }
                    server.send("heard you");
                }));
        Wire client = client().send(UPGRADE);
        client.head();
        for (int i = 0; i < 10; i++) {
            time.pass(SHORT.dividedBy(2));
            client.send("x");
            assertThat(heard.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(client.text(9)).as("long after it would have been cut").isEqualTo("heard you");
    }

    private ScriptedBackend echo() {
        return backend("a", server -> {
            seen.complete(server.head());
            server.send(SWITCHING);
            for (int c = server.read(); c >= 0; c = server.read()) {
                server.send(new byte[] {(byte) c});
            }
        });
    }
}
