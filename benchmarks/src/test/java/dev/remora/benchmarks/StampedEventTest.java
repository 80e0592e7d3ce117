package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StampedEventTest {

    private final StampedEvent.Reader reader = new StampedEvent.Reader();
    private final List<StampedEvent> received = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 59, 60, 61, 120})
    void comesBackHoweverTheBytesAreCut(int piece) {
        StampedEvent first = new StampedEvent(0, Long.MIN_VALUE);
        StampedEvent second = new StampedEvent(1, Long.MAX_VALUE);
        String body = first.text() + second.text();
        for (int i = 0; i < body.length(); i += piece) {
            read(body.substring(i, Math.min(body.length(), i + piece)));
        }
        assertThat(received).containsExactly(first, second);
        assertThat(reader.count()).isEqualTo(2);
    }

    @Test
    void isAsLongAsItsChunkSays() {
        ByteBuf chunk = new StampedEvent(0, 1).chunk(UnpooledByteBufAllocator.DEFAULT);
        String text = chunk.toString(StandardCharsets.US_ASCII);
        chunk.release();
        assertThat(text).startsWith("3c\r\ndata: ").endsWith("\n\n\r\n").hasSize(4 + 60 + 2);
    }

    @Test
    void oneThatIsMissingIsNoticed() {
        read(new StampedEvent(0, 1).text());
        assertThatThrownBy(() -> read(new StampedEvent(2, 1).text())).hasMessage("event number: 2 (expected: 1)");
    }

    @Test
    void oneThatIsDamagedIsNoticed() {
        String damaged = new StampedEvent(0, 1).text().replace("xx\n", "xy\n");
        assertThatThrownBy(() -> read(damaged)).hasMessageEndingWith("(expected: as it was sent)");
    }

    @Test
    void oneThatIsCutAtTheEndIsNoticed() {
        read(new StampedEvent(0, 1).text().substring(1));
        assertThatThrownBy(reader::count).hasMessageEndingWith("(expected: whole)");
    }

    private void read(String bytes) {
        reader.read(
                Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII), 0, (event, arrived) -> received.add(event));
    }
}
