package dev.remora.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;

/**
 * Closes a client's connection in three steps: all that was written is flushed, then our side is shut, then what the
 * client still sends is thrown away for a short time. Closing at once would make the kernel answer unread bytes with a
 * reset, and that can take the last answer from the client before it has read it (RFC 9112, section 9.6).
 */
final class LingeringClose {

    private static final Duration DRAIN_TIME = Duration.ofSeconds(2);
    private static final int MAX_DRAINED_BYTES = 1024 * 1024;

    private final ChannelHandlerContext ctx;
    private final StreamTimer timer;
    private int drainedBytes;

    LingeringClose(ChannelHandlerContext ctx, StreamTimer timer) {
        this.ctx = ctx;
        this.timer = timer;
    }

    /**
     * Begins to close.
     *
     * @param patience how long the client may take to read what was written
     */
    void begin(Duration patience) {
        timer.await(patience, () -> ctx.close());
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this::flushed);
    }

    /** Throws away what the client sent after all was said. */
    void discard(Object message) {
        if (message instanceof ByteBufHolder holder) {
            drainedBytes += holder.content().readableBytes();
        } else if (message instanceof ByteBuf bytes) {
            drainedBytes += bytes.readableBytes();
        }
        ReferenceCountUtil.release(message);
        if (drainedBytes > MAX_DRAINED_BYTES) {
            ctx.close();
        }
    }

    private void flushed(Future<?> flush) {
        if (!flush.isSuccess() || !ctx.channel().isActive()) {
            ctx.close();
            return;
        }
        timer.await(DRAIN_TIME, () -> ctx.close());
        SslHandler ssl = ctx.pipeline().get(SslHandler.class);
        if (ssl != null) {
            ssl.closeOutbound().addListener(closed -> shutOutput());
        } else {
            shutOutput();
        }
        ctx.read();
    }

    private void shutOutput() {
        if (ctx.channel() instanceof DuplexChannel channel) {
            channel.shutdownOutput();
        } else {
            ctx.close();
        }
    }
}
