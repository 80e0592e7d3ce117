package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.LoadBalancer;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.strategy.Picker;
import dev.remora.strategy.Strategy;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A back end that dies while it gets a request: what is kept of the body is sent to the next one. */
final class ReplayBodyTest extends GatewayFixture {

    private static final int LENGTH = 64 * 1024;
    private static final String HEAD =
            "POST /chat HTTP/1.1\r\nHost: chat.test\r\nContent-Length: " + LENGTH + "\r\n\r\n";

    private final CountDownLatch broken = new CountDownLatch(1);

    private static String body() {
        StringBuilder body = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            body.append((char) ('a' + i % 26));
        }
        return body.toString();
    }

    /** The first back end that can serve, in the order of the list. */
    private static Strategy inOrder() {
        return snapshot -> context -> {
            for (int i = 0; i < snapshot.size(); i++) {
                if (context.eligible(i)) {
                    return i;
                }
            }
            return Picker.NONE;
        };
    }

    private ScriptedBackend breaking(int bytes) {
        return backend("a", server -> {
            server.head();
            server.text(bytes);
            server.reset();
            broken.countDown();
        });
    }

    private ScriptedBackend echoing() {
        return answering("b", server -> {
            assertThat(server.head()).contains("POST /chat HTTP/1.1");
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\n\r\n" + server.text(LENGTH));
        });
    }

    private void gatewayKeeping(int bytes, ScriptedBackend... backends) {
        gateway(settings -> settings.strategy(inOrder()), server -> server.replayBodies(bytes), backends);
    }

    @Test
    void aBodyCutInTheMiddleIsSentWholeToTheNext() throws Exception {
        gatewayKeeping(LENGTH, breaking(LENGTH / 2), echoing());
        String body = body();
        Wire client = client().send(HEAD + body.substring(0, LENGTH / 2));
        assertThat(broken.await(20, TimeUnit.SECONDS)).isTrue();
        client.send(body.substring(LENGTH / 2));
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith(body);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void aBodyThatWasSentWholeIsSentAgain() {
        gatewayKeeping(LENGTH, breaking(LENGTH), echoing());
        String body = body();
        assertThat(client().send(HEAD + body).response())
                .startsWith("HTTP/1.1 200 ")
                .endsWith(body);
    }

    @Test
    void aLongerBodyIsNotSentTwice() throws Exception {
        ScriptedBackend b = echoing();
        gatewayKeeping(LENGTH - 1, breaking(LENGTH), b);
        assertThat(client().send(HEAD + body()).response()).startsWith("HTTP/1.1 502 ");
        assertThat(b.connections()).isZero();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
    }

    @Test
    void chunksAndTrailersAreSentAgain() {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.chunked();
            server.reset();
        });
        ScriptedBackend b = answering("b", server -> {
            server.head();
            String body = server.chunked();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        });
        gatewayKeeping(100, a, b);
        String request = lines("PUT /chat HTTP/1.1", "Host: chat.test", "Transfer-Encoding: chunked")
                + lines("3", "abc", "2", "de", "0", "x-sum: 5");
        assertThat(client().send(request).response()).endsWith("abcde|x-sum: 5");
    }

    @Test
    void anAnswerThatHasBegunIsNotTriedAgain() throws Exception {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.text(LENGTH);
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        });
        ScriptedBackend b = echoing();
        gatewayKeeping(LENGTH, a, b);
        Wire client = client().send(HEAD + body());
        client.head();
        assertThat(client.text(3)).isEqualTo("abc");
        assertThat(client.read()).isNegative();
        assertThat(b.connections()).isZero();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void aStaleConnectionCostsAReplayablePostNothing() throws Exception {
        ScriptedBackend a = backend("b", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\n\r\n" + server.text(LENGTH));
            server.head();
        });
        gatewayKeeping(LENGTH, a);
        Wire client = client();
        String body = body();
        assertThat(client.send(HEAD + body).response()).endsWith(body);
        assertThat(client.send(HEAD + body).response()).endsWith(body);
        assertThat(outcome()).isEqualTo(Outcome.success());
        assertThat(outcome()).isEqualTo(Outcome.success());
        assertThat(a.connections()).isEqualTo(2);
    }

    @Test
    void aNegativeBoundIsRefused() {
        LoadBalancer balancer = closing(LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:1"))
                .build());
        assertThatThrownBy(() -> ReverseProxy.builder(balancer).replayBodies(-1))
                .hasMessage("replayBodies: -1 (expected: >= 0)");
    }
}
