package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scanner against a reader that has the whole stream at hand, at every byte. */
class EventStreamEventsTest {

    private static final List<String> WORDS = List.of(
            "data",
            "id",
            "event",
            "retry",
            "dat",
            "idx",
            "data: x",
            "id: 7",
            "id:",
            ":",
            " ",
            "\r",
            "\n",
            "\r\n",
            "\n\n",
            "\r\n\r\n",
            "\r\r",
            "\0",
            "x",
            "\u00ef\u00bb\u00bf",
            "\u00ef",
            "\u00ef\u00bb");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: a\n\ndata: b\n\n",
                "id: 1\r\nevent: token\r\ndata: a\r\ndata: b\r\n\r\n: ping\r\n\r\nid\r\ndata\r\n\r\n",
                "id: 1\rdata: a\r\rid:2\rdata:b\r\r",
                "\u00ef\u00bb\u00bfdata: a\n\n:\n\nretry: 5\n\n",
                "\u00efdata: no byte order mark\n\n\u00ef\u00bb\u00bfdata: too late for one\n\n",
                "data: mixed\r\n\rdata: line ends\n\r\ndata\r\n\n",
                "data: x\r\n\r\r\n\rid: 1\r\n\r",
                "id: a\0b\ndata: x\n\nid: 4\nid: a\0b\n\nid\n\n",
                "database: x\n\nidentity: 5\ndatum\n\ndata\n\nid:  \ndata:\n\n",
                "\n\n\r\n\n"
            })
    void everyByteIsUnderstood(String stream) {
        agree(stream);
    }

    @Test
    void randomStreamsAreUnderstood() {
        Random random = new Random(20_261_122);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder stream = new StringBuilder();
            for (int words = random.nextInt(20); words >= 0; words--) {
                stream.append(WORDS.get(random.nextInt(WORDS.size())));
            }
            agree(stream.toString());
        }
    }

    // What has ended with a CR is told then only if the stream does not end its lines with CRLF: not compared here.
    private static void agree(String stream) {
        EventStreamEvents scanner = new EventStreamEvents();
        int events = 0;
        for (int i = 0; i < stream.length(); i++) {
            events += scanner.next((byte) stream.charAt(i)) ? 1 : 0;
            if (stream.charAt(i) != '\r') {
                Reference reference = Reference.read(stream.substring(0, i + 1));
                assertThat(new Reference(events, scanner.isBetweenEvents(), scanner.hasLastEventId()))
                        .as("after %s of %s", i + 1, escaped(stream))
                        .isEqualTo(reference);
            }
        }
    }

    @Test
    void beforeTheFirstByteNothingIsBroken() {
        EventStreamEvents scanner = new EventStreamEvents();
        assertThat(scanner.isBetweenEvents()).isTrue();
        assertThat(scanner.hasLastEventId()).isFalse();
    }

    @Test
    void lineEndOfTwoBytesIsNotTornApart() {
        assertThat(betweenAfter("data: x\r\n\r")).isFalse();
        assertThat(betweenAfter("data: x\r\n\r\n")).isTrue();
        assertThat(betweenAfter("data: x\r\r")).as("a stream of CR alone").isTrue();
        assertThat(betweenAfter("data: x\r")).isFalse();
    }

    @Test
    void commentsMayEndAStreamButNotInTheMiddle() {
        assertThat(betweenAfter("data: x\n\n: ping\n")).isTrue();
        assertThat(betweenAfter("data: x\n\n: pi")).isFalse();
        assertThat(betweenAfter("data: x\n: ping\n")).isFalse();
    }

    private static boolean betweenAfter(String stream) {
        EventStreamEvents scanner = new EventStreamEvents();
        stream.chars().forEach(b -> scanner.next((byte) b));
        return scanner.isBetweenEvents();
    }

    private static String escaped(String stream) {
        return stream.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
    }

    /** What a reader of the whole text says. */
    private record Reference(int events, boolean between, boolean lastEventId) {

        static Reference read(String bytes) {
            String text = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
            text = text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text;
            String[] lines = text.split("\r\n|\r|\n", -1);
            int events = 0;
            boolean fields = false;
            StringBuilder data = new StringBuilder();
            String idBuffer = "";
            String lastEventId = "";
            for (int i = 0; i < lines.length - 1; i++) {
                String line = lines[i];
                if (line.isEmpty()) {
                    lastEventId = idBuffer;
                    events += data.isEmpty() ? 0 : 1;
                    data.setLength(0);
                    fields = false;
                    continue;
                }
                int colon = line.indexOf(':');
                fields |= colon != 0;
                String name = colon < 0 ? line : line.substring(0, colon);
                String value = colon < 0 ? "" : line.substring(colon + 1);
                value = value.startsWith(" ") ? value.substring(1) : value;
                if (name.equals("data")) {
                    data.append(value).append('\n');
                } else if (name.equals("id") && value.indexOf(0) < 0) {
                    idBuffer = value;
                }
            }
            boolean lineStart = lines[lines.length - 1].isEmpty();
            return new Reference(events, lineStart && !fields, !lastEventId.isEmpty());
        }
    }
}
