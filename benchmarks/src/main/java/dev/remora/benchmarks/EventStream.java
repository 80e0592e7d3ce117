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

    /** As long as a browser's: a gateway may keep it while the stream is open. */
    static final String REQUEST = String.join(
            "\r\n",
            "GET /events?conversation=3f1c9a52-7d0e-4b7e-9a63-0f4f2f6f8d11 HTTP/1.1",
            "host: chat.example.com",
            "connection: keep-alive",
            "sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"",
            "sec-ch-ua-mobile: ?0",
            "sec-ch-ua-platform: \"Linux\"",
            "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "accept: text/event-stream",
            "cache-control: no-cache",
            "sec-fetch-site: same-origin",
            "sec-fetch-mode: cors",
            "sec-fetch-dest: empty",
            "referer: https://chat.example.com/c/3f1c9a52-7d0e-4b7e-9a63-0f4f2f6f8d11",
            "accept-encoding: gzip, deflate, br, zstd",
            "accept-language: en-GB,en;q=0.9",
            "cookie: theme=dark; session=8d4f0b6c2a9e4f17b3c5d7e9f1a3b5c7",
            "",
            "");

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
