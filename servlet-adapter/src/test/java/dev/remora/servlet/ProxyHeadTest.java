package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.Outcome;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a back end sees of a request's head, and a client of an answer's. Names are compared without regard to case. */
class ProxyHeadTest extends ProxyFixture {

    /** Answers with the head that it was sent. */
    private ScriptedBackend echo() {
        return answering("a", client -> {
            String head = client.head();
            if (head.isEmpty()) {
                throw new IllegalStateException("closed");
            }
            client.send("HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
        });
    }

    private String seen(String request) throws Exception {
        start(echo());
        return client().send(request).response().toLowerCase(Locale.ROOT);
    }

    private String answered(String answer) throws Exception {
        start(answering("a", client -> {
            if (client.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            client.send(answer);
        }));
        return client().send(GET).response().toLowerCase(Locale.ROOT);
    }

    @Test
    void targetAndHostPassAsTheyCame() throws Exception {
        assertThat(seen("GET /a%2Cb/c?q=%7E&x=y:/?@ HTTP/1.1\r\nHost: chat.test:81\r\n\r\n"))
                .contains("\r\n\r\nget /a%2cb/c?q=%7e&x=y:/?@ http/1.1\r\n")
                .contains("\r\nhost: chat.test:81\r\n");
    }

    @Test
    void theBackEndsOwnNameIsSentWhenTheHostIsNotPreserved() throws Exception {
        proxying(builder -> builder.preserveHost(false));
        assertThat(seen(GET)).contains("\r\nhost: 127.0.0.1:").doesNotContain("\r\nhost: chat.test");
    }

    @Test
    void hopByHopHeadersEndHere() throws Exception {
        assertThat(seen(lines(
                        "GET / HTTP/1.1",
                        "Host: chat.test",
                        "Connection: keep-alive, X-Hop",
                        "X-Hop: 1",
                        "Keep-Alive: timeout=5",
                        "Proxy-Authorization: Basic eA==",
                        "TE: trailers",
                        "X-Own: 1")))
                .contains("\r\nx-own: 1\r\n")
                .doesNotContain("x-hop", "keep-alive: timeout=5", "proxy-authorization", "\r\nte:");
    }

    @Test
    void theBackEndIsToldWhereTheRequestCameFrom() throws Exception {
        assertThat(seen(lines(
                        "GET / HTTP/1.1",
                        "Host: chat.test",
                        "X-Forwarded-For: 6.6.6.6",
                        "X_Forwarded_For: 6.6.6.6",
                        "Forwarded: for=6.6.6.6")))
                .contains(
                        "x-forwarded-for: 127.0.0.1\r\n",
                        "x-forwarded-proto: http\r\n",
                        "x-forwarded-host: chat.test\r\n")
                .contains("forwarded: for=127.0.0.1;host=\"chat.test\";proto=http\r\n", "via: 1.1 remora\r\n")
                .doesNotContain("6.6.6.6");
    }

    @Test
    void severalValuesOfAHeaderStaySeveral() throws Exception {
        assertThat(seen("GET / HTTP/1.1\r\nHost: chat.test\r\nX-Own: 1\r\nX-Own: 2\r\n\r\n"))
                .contains("\r\nx-own: 1\r\nx-own: 2\r\n");
    }

    @Test
    void statusAndHeadersOfAnAnswerPass() throws Exception {
        assertThat(answered("HTTP/1.1 207 Many\r\nContent-Length: 5\r\nX-Own: 1\r\nX-Own: 2\r\nSet-Cookie: a=1\r\n"
                        + "Set-Cookie: b=2\r\nContent-Type: text/plain\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\nhello"))
                .startsWith("http/1.1 207 ")
                .endsWith("\r\n\r\nhello")
                .contains("x-own: 1\r\nx-own: 2\r\n", "set-cookie: a=1\r\nset-cookie: b=2\r\n", "via: 1.1 remora")
                .containsPattern("content-type: text/plain")
                .doesNotContain("x-hop");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void eventStreamsAreMarkedForProxiesInFront() throws Exception {
        assertThat(answered(EVENTS + "9\r\ndata: 1\n\n\r\n0\r\n\r\n"))
                .contains("x-accel-buffering: no\r\n")
                .endsWith("data: 1\n\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void answersWithoutABodyEndWithTheirHead(int status) throws Exception {
        start(answering("a", client -> {
            if (client.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            client.send("HTTP/1.1 " + status + " None\r\nETag: \"1\"\r\n\r\n");
        }));
        Wire client = client();
        assertThat(client.send(GET).head()).startsWith("HTTP/1.1 " + status).containsIgnoringCase("etag: \"1\"");
        assertThat(client.send(GET).head()).startsWith("HTTP/1.1 " + status);
    }

    @Test
    void anAnswerToHeadKeepsTheLengthThatItTells() throws Exception {
        start(answering("a", client -> {
            if (client.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            client.send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
        }));
        Wire client = client();
        String head = "HEAD / HTTP/1.1\r\nHost: chat.test\r\n\r\n";
        assertThat(client.send(head).head()).startsWith("HTTP/1.1 200 ").containsIgnoringCase("content-length: 1234");
        assertThat(client.send(head).head()).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 401, 407, 500, 503})
    void whatTheBackEndAnswersIsNotActedUpon(int status) throws Exception {
        assertThat(answered("HTTP/1.1 " + status
                        + " So\r\nLocation: http://else.test/\r\nWWW-Authenticate: Basic realm=x\r\n"
                        + "Proxy-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nno"))
                .startsWith("http/1.1 " + status)
                .endsWith("\r\n\r\nno");
    }

    @Test
    void interimAnswersDoNotEndARequest() throws Exception {
        assertThat(answered("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK))
                .endsWith("\r\n\r\nok");
    }

    @Test
    void stickyCookieIsSetAndHidden() throws Exception {
        balancing(builder -> builder.stickyCookie(StickyCookie.signedWith(new byte[32])));
        start(echo());
        String first = client().send(GET).response();
        String cookie = first.replaceAll("(?is).*set-cookie: ([^;]*);.*", "$1");

        String second = client().send("GET / HTTP/1.1\r\nHost: chat.test\r\nCookie: x=1; " + cookie + "\r\n\r\n")
                .response();

        assertThat(cookie).contains("=");
        assertThat(second).containsIgnoringCase("cookie: x=1\r\n").doesNotContain(cookie);
        assertThat(second.toLowerCase(Locale.ROOT)).doesNotContain("set-cookie");
    }

    @Test
    void headerThatIsNotAsciiIsRefused() throws Exception {
        start(echo());
        assertThat(client().send("GET / HTTP/1.1\r\nHost: chat.test\r\nX-Name: J\u00c3\u00bcrgen\r\n\r\n")
                        .response())
                .startsWith("HTTP/1.1 400 ")
                .containsIgnoringCase("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name=J\u00c3\u00bcrgen", "mood=\u00f0\u009f\u0098\u0080", "name=J\u00fcrgen"})
    void cookieThatIsNotAsciiIsLeftOut(String cookie) throws Exception {
        String answer = seen(lines("GET / HTTP/1.1", "Host: chat.test", "Cookie: a=1; " + cookie + "; b=2"));
        if (Container.present().readsAllCookies()) {
            assertThat(answer).contains("\r\ncookie: a=1; b=2\r\n");
        } else {
            assertThat(answer).startsWith("http/1.1 500 ");
        }
    }

    @Test
    void methodsOfOnesOwnPass() throws Exception {
        assertThat(seen("PROPFIND / HTTP/1.1\r\nHost: chat.test\r\n\r\n")).contains("\r\n\r\npropfind / http/1.1");
    }

    @Test
    void hopLimitIsHeeded() throws Exception {
        start(echo());
        String request = "OPTIONS / HTTP/1.1\r\nHost: chat.test\r\nMax-Forwards: ";
        assertThat(client().send(request + "0\r\n\r\n").response()).startsWith("HTTP/1.1 501 ");
        assertThat(client().send(request + "2\r\n\r\n").response()).containsIgnoringCase("max-forwards: 1\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content_Length: 5", "Transfer-Encoding: gzip", "Expect: 200-maybe", "Max-Forwards: x"})
    void headsThatMisleadAreRefused(String header) throws Exception {
        start(echo());
        assertThat(client().send("OPTIONS / HTTP/1.1\r\nHost: chat.test\r\n" + header + "\r\n\r\n")
                        .head())
                .containsPattern("^HTTP/1.1 (400|417|501) ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD 200", "GET 304"})
    void lengthThatNobodyToldIsNotInvented(String methodAndStatus) throws Exception {
        String[] parts = methodAndStatus.split(" ", 2);
        start(answering("a", client -> {
            if (client.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            client.send("HTTP/1.1 " + parts[1] + " So\r\nTransfer-Encoding: chunked\r\n\r\n");
        }));
        Wire client = client();
        for (int i = 0; i < 50; i++) {
            assertThat(client.send(parts[0] + " / HTTP/1.1\r\nHost: chat.test\r\n\r\n")
                            .head())
                    .startsWith("HTTP/1.1 " + parts[1])
                    .doesNotContainIgnoringCase("content-length");
        }
    }
}
