package dev.remora.benchmarks;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * A client's connection that is kept: one request after the other, each when it is due, or, when the answer before came late,
 * as soon as that has come.
 */
final class PacedConnection extends ChannelInboundHandlerAdapter {

    private final int requests;
    private final long gapNanos;
    private final long phaseNanos;
    private final LongConsumer delays;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private long beganNanos;
    private long sentNanos;
    private int sent;
    private int bodyBytes;

    /**
     * A connection that has yet to be made.
     *
     * @param requests how many
     * @param gap from one to the next
     * @param phase when the first is due
     * @param delays takes the time from a request to the end of its answer, in nanoseconds, on the client's event loop
     */
    PacedConnection(int requests, Duration gap, Duration phase, LongConsumer delays) {
        this.requests = requests;
        this.gapNanos = gap.toNanos();
        this.phaseNanos = phase.toNanos();
        this.delays = delays;
    }

    /** Completes when all requests are answered as they should be; exceptionally when one is not. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        beganNanos = System.nanoTime() + phaseNanos;
        sendWhenDue(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            accept(ctx, (HttpObject) message);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failed(new IOException("connection: closed (expected: kept)"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
        ctx.close();
    }

    void failed(Throwable cause) {
        ended.completeExceptionally(cause);
    }

    private void sendWhenDue(ChannelHandlerContext ctx) {
        long wait = beganNanos + sent * gapNanos - System.nanoTime();
        if (wait > 0) {
            ctx.executor().schedule(() -> send(ctx), wait, TimeUnit.NANOSECONDS);
        } else {
            send(ctx);
        }
    }

    private void send(ChannelHandlerContext ctx) {
        sent++;
        bodyBytes = 0;
        sentNanos = System.nanoTime();
        ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), EventStream.REQUEST));
    }

    private void accept(ChannelHandlerContext ctx, HttpObject part) {
        if (part.decoderResult().isFailure()) {
            throw new IllegalStateException(
                    "response: malformed", part.decoderResult().cause());
        }
        if (part instanceof HttpResponse response && response.status().code() != 200) {
            throw new IllegalStateException("status: " + response.status() + " (expected: 200)");
        }
        if (part instanceof HttpContent content) {
            bodyBytes += content.content().readableBytes();
            if (part instanceof LastHttpContent) {
                answered(ctx);
            }
        }
    }

    private void answered(ChannelHandlerContext ctx) {
        if (bodyBytes != AnswerBackend.BODY.length()) {
            throw new IllegalStateException(
                    "body: " + bodyBytes + " bytes (expected: " + AnswerBackend.BODY.length() + ")");
        }
        delays.accept(System.nanoTime() - sentNanos);
        if (sent < requests) {
            sendWhenDue(ctx);
        } else {
            ended.complete(null);
            ctx.close();
        }
    }
}
