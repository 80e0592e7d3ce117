package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.http.Rejection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerBodyTest {

    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String BODY = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Trailer: gone\r\n\r\n";

    /** Brings bytes in pieces of one size, with a pause before each. */
    private static final class Pieces implements AnswerBody.Source {

        private final ByteBuffer bytes;
        private final int size;
        private boolean pause = true;

        Pieces(String text, int size) {
            this.bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            this.size = size;
        }

        @Override
        public int read(ByteBuffer into) {
            pause = !pause;
            if (!pause) {
                return 0;
            }
            int count = Math.min(size, bytes.remaining());
            into.put(bytes.slice().limit(count));
            bytes.position(bytes.position() + count);
            return count == 0 ? -1 : count;
        }
    }

    private static AnswerBody body(String head, boolean bodiless, String rest, int size) {
        ByteBuffer bytes = ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1));
        AnswerHead parsed = new ResponseHeadParser().take(bytes).orElseThrow();
        return new AnswerBody(parsed, bodiless, ByteBuffer.allocate(256).limit(0), new Pieces(rest, size));
    }

    /** Asks until all has been seen, for some time. */
    private static String all(AnswerBody body) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1_000 && !body.isEnded(); i++) {
            text.append(StandardCharsets.ISO_8859_1.decode(body.next()));
        }
        assertThat(body.isEnded()).isTrue();
        assertThat(body.next().hasRemaining()).isFalse();
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 100})
    void chunksMayComeInAnyPieces(int size) throws Exception {
        assertThat(all(body(CHUNKED, false, BODY, size))).isEqualTo("abc0123456789");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void aLengthEndsTheBodyAndWhatFollowsIsNotRead(int size) throws Exception {
        assertThat(all(body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, "abcdef", size)))
                .isEqualTo("abc");
    }

    @Test
    void withoutALengthTheEndOfTheConnectionEndsIt() throws Exception {
        assertThat(all(body("HTTP/1.1 200 OK\r\n\r\n", false, "all of it", 4))).isEqualTo("all of it");
    }

    @Test
    void thereMayBeNone() throws Exception {
        assertThat(all(body(CHUNKED, true, "abc", 1))).isEmpty();
        assertThat(all(body("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, "abc", 1)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "3\r\nab", "3\r\nabc\r\n", "3\r\nabc\r\n0\r\n", "0\r\nX: y\r\n"})
    void anEarlyEndIsNone(String rest) {
        assertThatThrownBy(() -> all(body(CHUNKED, false, rest, 1))).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "zz\r\n",
                "-1\r\n",
                "3 4\r\n",
                "3\rx",
                "3\nabc",
                "1000000000000000\r\n",
                "3\r\nabcd\r\n",
                "3\r\nabcX\r\n"
            })
    void whatIsNoChunkIsRefused(String rest) {
        assertThatThrownBy(() -> all(body(CHUNKED, false, rest, 1))).isInstanceOf(Rejection.class);
    }

    @Test
    void linesAndTrailersAreBounded() {
        assertThatThrownBy(() -> all(body(CHUNKED, false, "3;" + "x".repeat(2_000) + "\r\n", 100)))
                .isInstanceOf(Rejection.class);
        String trailers = ("X: " + "y".repeat(500) + "\r\n").repeat(100);
        assertThatThrownBy(() -> all(body(CHUNKED, false, "0\r\n" + trailers + "\r\n", 100)))
                .isInstanceOf(Rejection.class);
    }
}
