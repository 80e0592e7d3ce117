package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A back end's answer that is not HTTP to the letter is a 502, and the connection is not used again. */
final class BadResponseTest extends GatewayFixture {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK|Content-Length: 2|Transfer-Encoding: chunked||2|ok|0||",
                "HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 3||ok",
                "HTTP/1.1 200 OK|Content-Length: 2, 3||ok",
                "HTTP/1.0 200 OK|Content-Length: 2|Content-Length: 3||ok",
                "HTTP/1.1 200 OK|Content-Length: -2||ok",
                "HTTP/1.1 200 OK|Content-Length: x||ok",
                "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||2|ok|0||",
                "HTTP/1.1 200 OK|Transfer-Encoding: gzip||ok",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked, chunked||2|ok|0||",
                "HTTP/1.0 200 OK|Transfer-Encoding: chunked||2|ok|0||",
                "HTTP/1.1 204 OK|Content-Length: 2|Transfer-Encoding: chunked||",
                "HTTP/1.1 200 OK|X: a\rSet-Cookie: b=c|Content-Length: 0||",
                "HTTP/1.1 200 OK|X: a\u0000|Content-Length: 0||",
                "HTTP/1.1 200 OK|X y: a|Content-Length: 0||",
                "HTTP/1.1 200 OK|X: a| folded|Content-Length: 0||",
                "HTTP/1.1 200 OK|no colon||",
                "HTTP/1.1 200 O\rK|Content-Length: 0||",
                "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
                "HTTP/1.1  200 OK|Content-Length: 0||",
                "HTTP/1.1 20 OK|Content-Length: 0||",
                "HTTP/1.1 2000 OK|Content-Length: 0||",
                "HTTP/1.1 +20 OK|Content-Length: 0||",
                "HTTP/1.1 600 OK|Content-Length: 0||",
                "HTTP/1.1 099 OK|Content-Length: 0||",
                "HTTP/2.0 200 OK|Content-Length: 0||",
                "HTTP/1.1 101 Switching Protocols|Upgrade: x|Connection: upgrade||",
                "ICY 200 OK|Content-Length: 0||",
                "nonsense||",
                "||",
            })
    void isA502(String response) throws Exception {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send(response.replace("|", "\r\n"));
            server.rest();
        });
        gateway(a);
        Wire client = client();
        assertThat(client.send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
        assertThat(client.send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(a.connections()).as("the connection is not used again").isEqualTo(2);
    }

    @Test
    void headWithoutEndIsA502() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\n" + "X: 0123456789\r\n".repeat(10_000));
            server.rest();
        }));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x|", "-1|ok|", "3|ok|0||", "100000000|ok|", "2|okX|0||"})
    void badChunkBreaksTheAnswerOff(String chunks) throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks.replace("|", "\r\n"));
            server.rest();
        }));
        Wire client = client().send(GET);
        assertThat(client.head()).startsWith("HTTP/1.1 200 ");
        assertThat(client.rest()).doesNotContain("0\r\n\r\n");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
    }
}
