package dev.remora.benchmarks;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A back end on 127.0.0.1 that answers every request with the same script of events, in chunks, each one flushed when it
 * is due. What it sends does not wait for what is received: a slow gateway does not slow it down and thereby look
 * fast.
 */
final class EventBackend implements AutoCloseable {

    private static final String HEAD =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    private static final String LAST_CHUNK = "0\r\n\r\n";
    private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

    private final Sockets sockets = new Sockets("bench-backend");
    private final Script script;
    private final InetSocketAddress address;
    private final AtomicLong streams = new AtomicLong();

    EventBackend(Script script) {
        this.script = script;
        this.address = sockets.listen(() -> List.of(new HttpRequestDecoder(), new Performance()));
    }

    InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        sockets.close();
    }

    // The streams take turns: each one begins at its own place between two events of the others.
    private long phaseNanos() {
        double turn = streams.getAndIncrement() * GOLDEN_RATIO;
        return (long) ((turn - Math.floor(turn)) * script.gap().toNanos());
    }

    /** The script, played on one connection, to one request after the other. */
    private final class Performance extends ChannelInboundHandlerAdapter {

        private @Nullable Future<?> ticking;
        private int next;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean whole = message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
            if (whole) {
                begin(ctx);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            stop();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        private void begin(ChannelHandlerContext ctx) {
            next = 0;
            ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), HEAD));
            ticking = ctx.executor()
                    .scheduleAtFixedRate(
                            () -> tick(ctx), phaseNanos(), script.gap().toNanos(), TimeUnit.NANOSECONDS);
        }

        private void tick(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(new StampedEvent(next++, System.nanoTime()).chunk(ctx.alloc()));
            if (next == script.events()) {
                stop();
                if (script.ends()) {
                    ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), LAST_CHUNK));
                }
            }
        }

        private void stop() {
            if (ticking != null) {
                ticking.cancel(false);
            }
        }
    }
}
