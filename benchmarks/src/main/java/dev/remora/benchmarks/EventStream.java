package dev.remora.benchmarks;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One event stream, from the client's side: a request, its answer, and then the end of the connection. */
final class EventStream extends ChannelInboundHandlerAdapter {

    private static final String REQUEST =
            "GET /events HTTP/1.1\r\nhost: benchmark\r\naccept: text/event-stream\r\n\r\n";

    private final ArrivalClock clock;
    private final EventListener listener;
    private final StampedEvent.Reader reader = new StampedEvent.Reader();
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile @Nullable Channel channel;

    EventStream(ArrivalClock clock, EventListener listener) {
        this.clock = clock;
        this.listener = listener;
    }

    /** Completes with the first event. */
    CompletableFuture<Void> begun() {
        return begun;
    }

    /** Completes with the number of events when the stream has ended as it should; exceptionally when it was cut. */
    CompletableFuture<Integer> ended() {
        return ended;
    }

    /** Leaves a stream that has begun, as a client does that closes its window. */
    void leave() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    void failed(Throwable cause) {
        begun.completeExceptionally(cause);
        ended.completeExceptionally(cause);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), REQUEST));
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
        failed(new IOException("stream: cut (expected: a last chunk)"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
        ctx.close();
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
            if (content.content().isReadable()) {
                reader.read(content.content(), clock.arrivedNanos(), listener);
                begun.complete(null);
            }
            if (part instanceof LastHttpContent) {
                ended.complete(reader.count());
                ctx.close();
            }
        }
    }
}
