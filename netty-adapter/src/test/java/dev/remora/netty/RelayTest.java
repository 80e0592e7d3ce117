package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.Outcome;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class RelayTest extends GatewayFixture {

    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    @Test
    void eachEventReachesTheClientBeforeTheNextIsMade() throws Exception {
        SynchronousQueue<String> events = new SynchronousQueue<>();
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send(EVENTS);
            for (String event = events.take(); !event.isEmpty(); event = events.take()) {
                server.send(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
            }
            server.send("0\r\n\r\n");
        });
        gateway(a);
        Wire client = client().send(GET);
        assertThat(client.head()).startsWith("HTTP/1.1 200 OK\r\n").containsIgnoringCase("x-accel-buffering: no");
        for (int i = 0; i < 50; i++) {
            events.put("data: token " + i + "\n\n");
            assertThat(client.chunk()).isEqualTo("data: token " + i + "\n\n");
        }
        events.put("");
        assertThat(client.chunked()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void connectionsAreKeptOnBothSides() {
        ScriptedBackend a = answering("a", server -> {
            if (server.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            server.send(OK);
        });
        gateway(a);
        Wire client = client();
        for (int i = 0; i < 20; i++) {
            assertThat(client.send(GET).response())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("ok");
        }
        assertThat(a.connections()).isEqualTo(1);
    }

    @Test
    void theCookieTiesTheClientToItsBackEnd() {
        ScriptedBackend a = answering("a", server -> named(server, "a"));
        ScriptedBackend b = answering("b", server -> named(server, "b"));
        gateway(settings -> settings.stickyCookie(StickyCookie.signedWith(new byte[32])), server -> {}, a, b);
        String first = client().send(GET).response();
        Matcher cookie = Pattern.compile("(?i)set-cookie: (remora=[^;]+)").matcher(first);
        assertThat(cookie.find()).as("a cookie in %s", first).isTrue();
        String owner = first.substring(first.length() - 1);
        for (int i = 0; i < 10; i++) {
            String again = client().send("GET / HTTP/1.1\r\nHost: chat.test\r\nCookie: " + cookie.group(1) + "\r\n\r\n")
                    .response();
            assertThat(again).endsWith(owner).doesNotContainIgnoringCase("set-cookie");
        }
    }

    @Test
    void bodiesOfAllKindsArriveWhole() {
        BlockingQueue<String> responses = new LinkedBlockingQueue<>();
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send(responses.take());
        });
        gateway(a);
        responses.add("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to the end");
        assertThat(client().send(GET).response()).endsWith("up to the end");
        responses.add("HTTP/1.0 200 OK\r\n\r\nup to the end");
        assertThat(client().send(GET).response()).contains("HTTP/1.1 200 OK").endsWith("up to the end");
        responses.add(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n");
        assertThat(client().send(GET).response()).endsWith("abcde|X-Sum: 5");
        responses.add("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde");
        assertThat(client().send(GET).response()).endsWith("\r\n\r\nabcde");
    }

    private static void named(Wire server, String name) {
        if (server.head().isEmpty()) {
            throw new IllegalStateException("closed");
        }
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + name);
    }
}
