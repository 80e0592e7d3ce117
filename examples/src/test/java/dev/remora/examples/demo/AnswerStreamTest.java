package dev.remora.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** On a channel whose clock stands still until it is told otherwise: one token is due every 10 ms, the first after 80. */
class AnswerStreamTest {

    private static final Pace METRONOME = new Pace(100, 0);

    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final List<String> spoken = new ArrayList<>();
    private final AnswerStream stream;

    AnswerStreamTest() {
        channel.freezeTime();
        ChannelHandlerContext ctx = channel.pipeline().firstContext();
        var random = new Random(1);
        var answer = new Answer(
                "id",
                0,
                "a",
                ChatRequest.spoken("x", Optional.empty()),
                "length",
                AnswerText.ofLength(100, "one two", random),
                METRONOME,
                random);
        stream = AnswerStream.start(ctx, answer, new Recorder(), () -> spoken.add("<done>"));
    }

    @Test
    void speaksEachTokenWhenItIsDue() {
        advanceMillis(79);
        assertThat(spoken).containsExactly("<begin>");
        advanceMillis(1);
        assertThat(spoken).containsExactly("<begin>", "one");
        advanceMillis(10);
        assertThat(spoken).containsExactly("<begin>", "one", " two");
    }

    @Test
    void catchesUpWhenTheLoopWasLate() {
        advanceMillis(80 + 50);

        assertThat(spoken).as("the first token and the five that are due since").hasSize(1 + 1 + 5);
    }

    @Test
    void endsOnceAfterTheLastToken() {
        for (int i = 0; i < 200; i++) {
            advanceMillis(10);
        }

        assertThat(spoken).hasSize(1 + 100 + 2).endsWith("<end 100>", "<done>");
    }

    @Test
    void restsWhileTheClientDoesNotRead() {
        advanceMillis(80);
        setWritable(false);
        advanceMillis(1_000);
        assertThat(spoken).hasSize(2);

        setWritable(true);
        stream.resume();
        assertThat(spoken)
                .as("what was not spoken meanwhile does not come in one burst")
                .hasSize(3);
        stream.resume();
        advanceMillis(10);
        assertThat(spoken).hasSize(4);
    }

    @Test
    void saysNothingMoreOnceTheClientHasLeft() {
        advanceMillis(80);
        stream.cancel();
        advanceMillis(1_000);
        stream.resume();

        assertThat(spoken).containsExactly("<begin>", "one");
    }

    private void advanceMillis(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    private void setWritable(boolean writable) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
    }

    private final class Recorder implements AnswerStream.Wire {
        @Override
        public void begin() {
            spoken.add("<begin>");
        }

        @Override
        public void token(String token) {
            spoken.add(token);
        }

        @Override
        public void end(int tokens) {
            spoken.add("<end " + tokens + ">");
        }
    }
}
