package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.wire.Wire;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of every legal shape pass, and keep their meaning. */
final class FramingTest extends GatewayFixture {

    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> responses = new LinkedBlockingQueue<>();

    private void scripted() {
        gateway(answering("a", server -> {
            String head = server.head();
            assertThat(head).isNotEmpty();
            requests.add(head);
            server.send(responses.take());
        }));
    }

    private String request() throws InterruptedException {
        return requests.poll(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n"
            })
    void answerToHeadHasNoBody(String response) {
        scripted();
        Wire client = client();
        for (int i = 0; i < 3; i++) {
            responses.add(response);
            client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.head()).startsWith(response.substring(0, 13));
        }
        responses.add(OK);
        assertThat(client.send(GET).response()).as("nothing was left behind").endsWith("\r\n\r\nok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: x\r\n\r\n",
                "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"
            })
    void answersWithoutBodyEndAtTheirHead(String response) {
        scripted();
        Wire client = client();
        responses.add(response);
        assertThat(client.send(GET).head()).startsWith(response.substring(0, 13));
        responses.add(OK);
        assertThat(client.send(GET).response()).endsWith("\r\n\r\nok");
    }

    @Test
    void earlyHintsPassAndAnUnwantedContinueDoesNot() {
        scripted();
        responses.add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK);
        Wire client = client().send(GET);
        assertThat(client.head()).startsWith("HTTP/1.1 103 ").containsIgnoringCase("link: </x>");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        responses.add("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK);
        assertThat(client().send("GET / HTTP/1.0\r\n\r\n").rest())
                .as("HTTP/1.0 knows no interim answers")
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void bodyWaitsForTheContinueOfTheBackEnd() {
        gateway(answering("a", server -> {
            assertThat(server.head()).containsIgnoringCase("expect: 100-continue");
            server.send("HTTP/1.1 100 Continue\r\n\r\n");
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + server.text(5));
        }));
        Wire client = client();
        for (int i = 0; i < 2; i++) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 100 ");
            assertThat(client.send("hello").response())
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("hello");
        }
    }

    @Test
    void finalAnswerInsteadOfContinueEndsTheConnection() {
        gateway(answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            server.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
        }));
        Wire client = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertThat(client.rest())
                .startsWith("HTTP/1.1 401 ")
                .containsIgnoringCase("connection: close")
                .endsWith("no");
    }

    @Test
    void answerBeforeTheEndOfTheRequestIsRelayedAtOnce() {
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
            server.rest();
        }));
        Wire client = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhello");
        assertThat(client.response()).startsWith("HTTP/1.1 413 ").endsWith("no");
    }

    @Test
    void framingIsWrittenInOneWay() throws Exception {
        scripted();
        Wire client = client();
        responses.add(OK);
        client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 000\r\n\r\n").response();
        assertThat(request()).containsIgnoringCase("content-length: 0\r\n");
        responses.add("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n");
        assertThat(client.send(GET).response()).containsIgnoringCase("transfer-encoding: chunked\r\n");
    }

    @Test
    void bothBodiesMayFlowAtTheSameTime() {
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (String chunk = server.chunk(); !chunk.isEmpty(); chunk = server.chunk()) {
                server.send(Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n");
            }
            server.line();
            server.send("0\r\n\r\n");
            server.send(server.head().isEmpty() ? "" : OK);
        }));
        Wire client = client().send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.head();
        for (int i = 10; i < 30; i++) {
            assertThat(client.send("2\r\n" + i + "\r\n").chunk()).isEqualTo(Integer.toString(i));
        }
        assertThat(client.send("0\r\n\r\n").chunked()).isEmpty();
        assertThat(client.send(GET).response()).endsWith("ok");
    }

    @Test
    void clientOfHttp10GetsABareBody() {
        scripted();
        responses.add(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n");
        String answer = client().send("GET / HTTP/1.0\r\n\r\n").rest();
        assertThat(answer).endsWith("\r\n\r\nabc").containsIgnoringCase("connection: close");
        assertThat(answer).doesNotContainIgnoringCase("transfer-encoding").doesNotContainIgnoringCase("trailer");
    }

    @Test
    void clientOfHttp10MayKeepItsConnection() {
        scripted();
        Wire client = client();
        for (int i = 0; i < 3; i++) {
            responses.add(OK);
            client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(client.response())
                    .containsIgnoringCase("connection: keep-alive")
                    .endsWith("ok");
        }
    }

    @Test
    void clientThatWantsToCloseIsClosed() {
        scripted();
        responses.add(OK);
        assertThat(client().send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                        .rest())
                .containsIgnoringCase("connection: close")
                .endsWith("ok");
    }

    @Test
    void targetsReachTheBackEndInOriginForm() throws Exception {
        scripted();
        Wire client = client();
        responses.add(OK);
        client.send("GET http://other.test:81/p?q=http://x HTTP/1.1\r\nHost: a\r\n\r\n")
                .response();
        assertThat(request())
                .startsWith("GET /p?q=http://x HTTP/1.1\r\n")
                .containsIgnoringCase("host: other.test:81\r\n");
        responses.add(OK);
        client.send("GET http://other.test?q HTTP/1.1\r\nHost: a\r\n\r\n").response();
        assertThat(request()).startsWith("GET /?q HTTP/1.1\r\n");
        responses.add(OK);
        client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").response();
        assertThat(request()).startsWith("OPTIONS * HTTP/1.1\r\n");
        responses.add(OK);
        client.send("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").response();
        assertThat(request()).startsWith("OPTIONS * HTTP/1.1\r\n");
        responses.add(OK);
        client.send("GET //x/../y?a=|{}^` HTTP/1.1\r\nHost: a\r\n\r\n").response();
        assertThat(request()).startsWith("GET //x/../y?a=|{}^` HTTP/1.1\r\n");
    }

    @Test
    void headersOfThisHopEndHere() throws Exception {
        scripted();
        responses.add(lines(
                        "HTTP/1.1 200 OK",
                        "Content-Length: 2",
                        "Connection: X-Hop",
                        "X-Hop: 1",
                        "Keep-Alive: timeout=9",
                        "Proxy-Authenticate: x",
                        "X-End: 1")
                + "ok");
        String answer = client().send(lines(
                        "GET / HTTP/1.1",
                        "Host: chat.test",
                        "Connection: keep-alive, X-Private, Host",
                        "X-Private: 1",
                        "Keep-Alive: 300",
                        "Proxy-Authorization: x",
                        "TE: trailers, deflate",
                        "X-Forwarded-For: 6.6.6.6",
                        "X-Forwarded-Proto: https",
                        "Forwarded: for=6.6.6.6",
                        "X-End: 1"))
                .response();
        assertThat(request())
                .containsIgnoringCase("\r\nhost: chat.test\r\n")
                .containsIgnoringCase("\r\nx-end: 1\r\n")
                .containsIgnoringCase("\r\nte: trailers\r\n")
                .containsIgnoringCase("\r\nx-forwarded-for: 127.0.0.1\r\n")
                .containsIgnoringCase("\r\nx-forwarded-proto: http\r\n")
                .containsIgnoringCase("\r\nvia: 1.1 remora\r\n")
                .doesNotContain("6.6.6.6")
                .doesNotContainIgnoringCase("private")
                .doesNotContainIgnoringCase("keep-alive")
                .doesNotContainIgnoringCase("proxy-auth")
                .containsIgnoringCase("\r\nconnection: te\r\n");
        assertThat(answer)
                .containsIgnoringCase("\r\nx-end: 1\r\n")
                .containsIgnoringCase("\r\nvia: 1.1 remora\r\n")
                .containsIgnoringCase("\r\ndate: ")
                .doesNotContainIgnoringCase("x-hop")
                .doesNotContainIgnoringCase("proxy-auth");
    }

    @Test
    void hopLimitOfOptionsIsHeeded() throws Exception {
        scripted();
        responses.add(OK);
        Wire client = client();
        client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 3\r\n\r\n").response();
        assertThat(request()).containsIgnoringCase("max-forwards: 2\r\n");
        assertThat(client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n")
                        .rest())
                .startsWith("HTTP/1.1 501 ");
        assertThat(requests).isEmpty();
    }

    @Test
    void trailersPassBothWaysButNoneThatMattersInAHead() throws Exception {
        BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
        gateway(answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            bodies.add(server.chunked());
            server.send(lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum"));
            server.send(lines("2", "ok", "0", "X-Sum: 9", "Set-Cookie: a=b", "RateLimit: a", "RateLimit-Policy: a"));
        }));
        Wire client = client().send(lines("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"));
        client.send(lines(
                "2",
                "hi",
                "0",
                "X-Check: 7",
                "Host: b",
                "Transfer-Encoding: gzip",
                "X-Forwarded-For: 6.6.6.6",
                "Authorization: Bearer mine",
                "X-Api-Key: mine",
                "x_api_key: mine",
                "Api-Key: mine",
                "X-Goog-Api-Key: mine"));
        assertThat(client.response()).containsIgnoringCase("trailer: X-Sum").endsWith("ok|X-Sum: 9");
        assertThat(bodies.poll(20, TimeUnit.SECONDS)).isEqualTo("hi|X-Check: 7");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() {
        gateway(answering("a", server -> {
            String head = server.head();
            assertThat(head).isNotEmpty();
            String path = head.substring(6, head.indexOf(' ', 6));
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
        }));
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            all.append("POST /").append(i).append(" HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        }
        Wire client = client().send(all.toString());
        for (int i = 0; i < 2000; i++) {
            assertThat(client.response()).endsWith("\r\n\r\n" + i);
        }
    }

    @Test
    void badRequestBehindGoodOnesIsAnsweredInItsTurn() {
        scripted();
        responses.add(OK);
        responses.add(OK);
        Wire client = client().send(GET + GET + "NOT HTTP\r\n\r\n" + GET);
        assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        assertThat(client.rest()).startsWith("HTTP/1.1 400 ").doesNotContain("HTTP/1.1 200");
    }

    @Test
    void manyPipelinedRequestsThatNobodyServesOverflowNoStack() {
        gateway(settings -> {}, server -> {}, dev.remora.pool.Backend.of("a", "http://127.0.0.1:1"));
        balancer().close();
        Wire client = client().send(GET.repeat(5000));
        for (int i = 0; i < 5000; i++) {
            assertThat(client.response()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: ");
        }
    }

    @Test
    void emptyLinesBeforeARequestAreSkipped() {
        scripted();
        responses.add(OK);
        responses.add(OK);
        Wire client = client();
        assertThat(client.send("\r\n\r\n" + GET).response()).endsWith("ok");
        assertThat(client.send("\r\n" + GET).response()).endsWith("ok");
    }

    @Test
    void limitsHaveTheirOwnAnswers() {
        gateway(
                settings -> {},
                server -> server.maxInitialLineBytes(200).maxHeaderBytes(300).maxRequestBodyBytes(10),
                backend("a", server -> {
                    server.head();
                    server.rest();
                }));
        assertThat(client().send("GET /" + "x".repeat(300) + " HTTP/1.1\r\nHost: a\r\n\r\n")
                        .rest())
                .startsWith("HTTP/1.1 414 ");
        assertThat(client().send("GET /" + "x".repeat(300)).rest())
                .as("without an end")
                .startsWith("HTTP/1.1 414 ");
        assertThat(client().send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(300) + "\r\n\r\n")
                        .rest())
                .startsWith("HTTP/1.1 431 ");
        assertThat(client().send("GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(60))
                        .rest())
                .startsWith("HTTP/1.1 431 ");
        assertThat(client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
                        .rest())
                .startsWith("HTTP/1.1 413 ");
        assertThat(client().send(
                                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n8\r\nabcdefgh\r\n")
                        .rest())
                .startsWith("HTTP/1.1 413 ");
    }

    @Test
    void clientThatGoesOnSendingCanReadTheError() {
        gateway(settings -> {}, server -> server.maxRequestBodyBytes(10), answering("a", server -> server.send(OK)));
        Wire client = client();
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n");
        client.send("x".repeat(600_000));
        assertThat(client.rest())
                .as("no reset takes the answer away")
                .startsWith("HTTP/1.1 413 ")
                .contains("}");
    }
}
