package dev.remora.examples.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventScannerTest {

    private final List<String> found = new ArrayList<>();
    private final EventScanner scanner = new EventScanner(
            (bytes, from, to) -> found.add(new String(bytes, from, to - from, StandardCharsets.UTF_8)));

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void findsDataLinesInPiecesOfAnySize(int size) {
        byte[] stream = (": comment\ndata: one\n\nevent: x\r\ndata:two\r\n\r\ndata\ndata:\ndata:  "
                        + "\u00fc".repeat(600) + "\n")
                .getBytes(StandardCharsets.UTF_8);

        for (int from = 0; from < stream.length; from += size) {
            scanner.scan(ByteBuffer.wrap(stream, from, Math.min(size, stream.length - from)));
        }

        assertThat(found).containsExactly("one", "two", "", " " + "\u00fc".repeat(600));
    }

    @Test
    void anEndlessLineIsRefused() {
        ByteBuffer piece = ByteBuffer.wrap(new byte[(1 << 20) + 1]);

        assertThatThrownBy(() -> scanner.scan(piece)).hasMessageStartingWith("event line: too long");
    }
}
