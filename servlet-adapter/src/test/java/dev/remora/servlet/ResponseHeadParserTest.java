package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.http.Rejection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the head of a back end's answer may be. */
class ResponseHeadParserTest {

    private final ResponseHeadParser parser = new ResponseHeadParser();

    private Optional<AnswerHead> take(String text) {
        return parser.take(bytes(text));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void headIsReadAndNothingBehindIt() {
        ByteBuffer bytes = bytes("HTTP/1.1 200 All right\r\nA: 1\r\nb : two \r\nA:3\r\nEmpty:\r\n\r\nbody");
        AnswerHead head = parser.take(bytes).orElseThrow();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers("a")).containsExactly("1", "3");
        assertThat(head.headers("B")).containsExactly("two");
        assertThat(head.headers("empty")).containsExactly("");
        assertThat(bytes.remaining()).isEqualTo(4);
    }

    @Test
    void headMayComeByteByByte() {
        String text = "HTTP/1.1 101\r\nUpgrade: x\r\n\r\n";
        for (int i = 0; i < text.length() - 1; i++) {
            assertThat(take(text.substring(i, i + 1))).isEmpty();
        }
        assertThat(take(text.substring(text.length() - 1)).orElseThrow().headers("upgrade"))
                .containsExactly("x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\n",
                "HTTP/1.1 200 OK\r\nA: 1\n",
                "HTTP/1.1  200 OK\r\n",
                "HTTP/1.1 20 OK\r\n",
                "HTTP/1.1 2000\r\n",
                "HTTP/2.0 200 OK\r\n",
                "http/1.1 200 OK\r\n",
                "\r\n",
                "HTTP/1.1 200 OK\r\n A: folded\r\n",
                "HTTP/1.1 200 OK\r\nA: 1\r\n and on\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n",
                "HTTP/1.1 200 OK\r\n: no name\r\n",
                "HTTP/1.1 200 OK\r\nA: \u0000\r\n",
                "HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n",
                "HTTP/1.1 200 OK\r\nA\u00e4: 1\r\n",
                "HTTP/1.1 099 Low\r\n\r\n",
                "HTTP/1.1 600 High\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1234567890123456789\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            })
    void whatHopsCouldUnderstandDifferentlyIsRejected(String text) {
        assertThatThrownBy(() -> take(text)).isInstanceOf(Rejection.class);
    }

    @Test
    void headHasABound() {
        String head = "HTTP/1.1 200 OK\r\nA: " + "x".repeat(ResponseHeadParser.MAX_BYTES);
        assertThatThrownBy(() -> take(head)).isInstanceOf(Rejection.class);
    }
}
