package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Requests on which two hops could disagree. Each is answered with an error and the connection is closed; the back end
 * sees none of it, and above all nothing of what is hidden behind it.
 */
final class SmugglingTest extends GatewayFixture {

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            # framing
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 5|Transfer-Encoding: chunked||0||GET /x HTTP/1.1|Host: a||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 5||0||GET /x HTTP/1.1|Host: a||
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 5|Content-Length: 6||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 5|Content-Length: 5||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 5, 5||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 5, 6||hello
            400 @ POST / HTTP/1.0|Host: a|Content-Length: 5|Content-Length: 6||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: -5||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: +5||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 0x5||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 5 5||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 5;||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length:||hello
            400 @ POST / HTTP/1.1|Host: a|Content-Length: 99999999999999999999||hello
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, chunked||0||
            501 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, gzip||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip||hello
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: xchunked||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunkedx||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: identity||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: "chunked"||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked;q=1||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked||0||
            501 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: identity|Transfer-Encoding: chunked||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: cow||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding:||0||
            501 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: , chunked||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: \\x0bchunked||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked\\x00||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding : chunked||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding\\x09: chunked||0||
            400 @ POST / HTTP/1.1|Host: a| Transfer-Encoding: chunked||0||
            400 @ POST / HTTP/1.1|Host: a|Transfer-Encoding:| chunked||0||
            400 @ POST / HTTP/1.1|Host: a|X: y|\\x09Transfer-Encoding: chunked||0||
            400 @ POST / HTTP/1.0|Host: a|Transfer-Encoding: chunked||0||
            400 @ GET / HTTP/1.1|Host: a|Sec-WebSocket-Key1: x|Sec-WebSocket-Key2: y||12345678
            400 @ POST / HTTP/1.1|Host: a|Transfer_Encoding: chunked||
            400 @ POST / HTTP/1.1|Host: a|Content_Length: 5||hello
            400 @ OPTIONS / HTTP/1.1|Host: a|Max-Forwards: x||
            # lines
            400 @ GET / HTTP/1.1\\x0aHost: a||
            400 @ GET / HTTP/1.1|Host: a\\x0a\\x0aGET /x HTTP/1.1|Host: a||
            400 @ GET / HTTP/1.1|Host: a|X: y\\x0dZ: w||
            400 @ GET / HTTP/1.1|Host: a|X: y\\x00||
            400 @ GET / HTTP/1.1|Host: a|X: y\\x7f||
            400 @ GET / HTTP/1.1|Host: a|X\\x00: y||
            400 @ GET / HTTP/1.1|Host: a|X y: z||
            400 @ GET / HTTP/1.1|Host: a|X[: z||
            400 @ GET / HTTP/1.1|Host: a|X\\x80: z||
            400 @ GET / HTTP/1.1|Host: a|: z||
            400 @ GET / HTTP/1.1|Host: a|no colon||
            400 @ GET / HTTP/1.1| Host: a||
            400 @ GET / HTTP/1.1|Host: a|X: y| folded||
            # request line
            400 @ \\x20GET / HTTP/1.1|Host: a||
            400 @ GET  / HTTP/1.1|Host: a||
            400 @ GET /  HTTP/1.1|Host: a||
            400 @ GET\\x09/ HTTP/1.1|Host: a||
            400 @ GET /\\x09HTTP/1.1|Host: a||
            400 @ GET /\\x0dHTTP/1.1|Host: a||
            400 @ GET /\\x0bHTTP/1.1|Host: a||
            400 @ GET / HTTP/1.1\\x20|Host: a||
            400 @ GET / x HTTP/1.1|Host: a||
            400 @ GET /|Host: a||
            400 @ GET|Host: a||
            400 @ / HTTP/1.1|Host: a||
            400 @ GET / http/1.1|Host: a||
            400 @ GET / HTTP/1|Host: a||
            400 @ GET / HTTP/01.1|Host: a||
            400 @ GET / HTTP/1.1x|Host: a||
            505 @ GET / HTTP/2.0|Host: a||
            505 @ GET / HTTP/1.2|Host: a||
            505 @ GET / HTTP/0.9|Host: a||
            505 @ PRI * HTTP/2.0||SM||
            400 @ G(T / HTTP/1.1|Host: a||
            400 @ \\x16\\x03\\x01\\x02
            400 @ \\x0d\\x0dGET / HTTP/1.1|Host: a||
            400 @ \\x0aGET / HTTP/1.1|Host: a||
            # target
            400 @ GET /\\x00 HTTP/1.1|Host: a||
            400 @ GET /\\x7f HTTP/1.1|Host: a||
            400 @ GET /\\xe9 HTTP/1.1|Host: a||
            400 @ GET /#x HTTP/1.1|Host: a||
            400 @ GET /<x> HTTP/1.1|Host: a||
            400 @ GET /"x" HTTP/1.1|Host: a||
            400 @ GET /a\\x5cb HTTP/1.1|Host: a||
            400 @ GET x HTTP/1.1|Host: a||
            400 @ GET a:80 HTTP/1.1|Host: a||
            400 @ GET * HTTP/1.1|Host: a||
            400 @ GET ftp://a/ HTTP/1.1|Host: a||
            400 @ GET http:///x HTTP/1.1|Host: a||
            400 @ GET http://u@a/ HTTP/1.1|Host: a||
            400 @ GET http://a:b/ HTTP/1.1|Host: a||
            400 @ GET http://a/ HTTP/1.1|Host: a|Host: b||
            400 @ GET http://a/ HTTP/1.1||
            501 @ CONNECT a:443 HTTP/1.1|Host: a:443||
            # host
            400 @ GET / HTTP/1.1||
            400 @ GET / HTTP/1.1|X: y||
            400 @ GET / HTTP/1.1|Host: a|Host: a||
            400 @ GET / HTTP/1.1|Host: a|Host: b||
            400 @ GET / HTTP/1.0|Host: a|Host: b||
            400 @ GET / HTTP/1.1|Host:||
            400 @ GET / HTTP/1.1|Host: a b||
            400 @ GET / HTTP/1.1|Host: a, b||
            400 @ GET / HTTP/1.1|Host: a/b||
            400 @ GET / HTTP/1.1|Host: a?b||
            400 @ GET / HTTP/1.1|Host: u@a||
            400 @ GET / HTTP/1.1|Host: a:b||
            400 @ GET / HTTP/1.1|Host: a:99999||
            400 @ GET / HTTP/1.1|Host: a:80:80||
            400 @ GET / HTTP/1.1|Host: [::1||
            400 @ GET / HTTP/1.1|Host: [zz]||
            400 @ GET / HTTP/1.1|Host: http://a||
            # expectation
            417 @ GET / HTTP/1.1|Host: a|Expect: gold||
            """)
    void badHeadIsAnsweredAndTheConnectionClosed(int status, String request) {
        gateway(answering("a", server -> {
            seen.add(server.head());
            server.send(OK);
        }));
        String answer = client().send(bytes(request) + GET).rest();
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").containsIgnoringCase("connection: close\r\n");
        assertThat(answer.lastIndexOf("HTTP/1.1 "))
                .as("there is one answer only")
                .isZero();
        assertThat(seen).as("what the back end has seen").isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            x|
            -1|a|0||
            +1|a|0||
            0x1|a|0||
            1 1|a|0||
            \\x201|a|0||
            1\\x20|a|0||
            1\\x0aa\\x0a0\\x0a\\x0a
            1\\x0da|0||
            ffffffffffffffff1|a|0||
            80000000|a|0||
            100000000|a|0||
            |a|0||
            ;x|a|0||
            1;\\x0ax|a|0||
            1|ab|0||
            1|a0||
            1|aX|0||
            0|Bad Trailer: x||
            0|X : y||
            0|X: \\x00||
            0|X: y\\x0a\\x0d\\x0a
            """)
    void badChunksEndTheRequestAndTheConnection(String body) {
        gateway(backend("a", server -> {
            seen.add(server.head());
            String rest = server.rest();
            if (rest.endsWith("0\r\n\r\n")) {
                seen.add("whole body: " + rest);
            }
        }));
        String answer = client().send(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + bytes(body) + GET)
                .rest();
        assertThat(answer).startsWith("HTTP/1.1 400 ").containsIgnoringCase("connection: close\r\n");
        assertThat(answer.lastIndexOf("HTTP/1.1 "))
                .as("there is one answer only")
                .isZero();
        assertThat(seen.stream().filter(what -> !what.startsWith("POST / HTTP/1.1\r\n")))
                .as("beside a cut request the back end sees nothing")
                .isEmpty();
    }

    // "|" stands for CR LF, "\xhh" for a byte.
    private static String bytes(String template) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < template.length(); i++) {
            char c = template.charAt(i);
            if (c == '|') {
                bytes.append("\r\n");
            } else if (template.startsWith("\\x", i)) {
                bytes.append((char) Integer.parseInt(template.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                bytes.append(c);
            }
        }
        return bytes.toString();
    }
}
