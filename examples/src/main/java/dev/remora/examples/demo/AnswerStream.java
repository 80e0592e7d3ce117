package dev.remora.examples.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One answer while it is spoken: hands each token to its wire when the token is due, and rests while the client does not
 * read. A back end that falls behind hands over all tokens that are due and flushes once, so it never speaks slower than
 * its pace for lack of a timer. Everything happens on the event loop of the connection.
 */
final class AnswerStream {

    /** How the answer looks on the connection. */
    interface Wire {
        void begin();

        void token(String token);

        /** Writes what ends the answer. Nothing is called after this. */
        void end(int tokens);
    }

    private static final int MAX_BURST = 64;

    private final ChannelHandlerContext ctx;
    private final Answer answer;
    private final Wire wire;
    private final Runnable whenDone;

    private @Nullable ScheduledFuture<?> timer;
    private long dueNanos;
    private int spoken;
    private boolean over;

    private AnswerStream(ChannelHandlerContext ctx, Answer answer, Wire wire, Runnable whenDone) {
        this.ctx = ctx;
        this.answer = answer;
        this.wire = wire;
        this.whenDone = whenDone;
    }

    /** Begins to speak. {@code whenDone} runs when the last token was handed over, not when the answer was cancelled. */
    static AnswerStream start(ChannelHandlerContext ctx, Answer answer, Wire wire, Runnable whenDone) {
        var stream = new AnswerStream(ctx, answer, wire, whenDone);
        wire.begin();
        ctx.flush();
        stream.dueNanos = stream.now() + answer.pace().nanosToFirstToken(answer.random());
        stream.sleep();
        return stream;
    }

    /** The client reads again. */
    void resume() {
        if (!over && timer == null && ctx.channel().isWritable()) {
            long now = now();
            if (dueNanos - now < 0) {
                dueNanos = now;
            }
            speak();
        }
    }

    /** The client left. */
    void cancel() {
        over = true;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void sleep() {
        long delay = Math.max(0, dueNanos - now());
        timer = ctx.executor().schedule(this::speak, delay, TimeUnit.NANOSECONDS);
    }

    private void speak() {
        timer = null;
        long now = now();
        int burst = 0;
        while (answer.tokens().hasNext()
                && dueNanos - now <= 0
                && burst < MAX_BURST
                && ctx.channel().isWritable()) {
            wire.token(answer.tokens().next());
            dueNanos += answer.pace().nanosToNextToken(answer.random());
            spoken++;
            burst++;
        }
        if (!answer.tokens().hasNext()) {
            over = true;
            wire.end(spoken);
            whenDone.run();
        }
        ctx.flush();
        // A channel that cannot be written calls resume() when it can again, perhaps within this very flush.
        if (!over && timer == null && ctx.channel().isWritable()) {
            sleep();
        }
    }

    private long now() {
        return ctx.executor().ticker().nanoTime();
    }
}
