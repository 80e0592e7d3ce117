package dev.remora.netty;

import dev.remora.EndRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One end of a {@link Tunnel}: what it reads passes to the other one. */
final class TunnelEnd extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(TunnelEnd.class);

    private final Tunnel tunnel;
    private final Passage passage;
    private @Nullable TunnelEnd other;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable LingeringClose closing;
    private @Nullable StreamTimer closingTimer;
    private boolean paused;
    private boolean inputEnded;
    private boolean failed;

    TunnelEnd(Tunnel tunnel, Passage passage) {
        this.tunnel = tunnel;
        this.passage = passage;
    }

    void connectTo(TunnelEnd end) {
        other = end;
    }

    /** Both ends are in place: bytes may flow. */
    void begin() {
        // Over TLS no half can be closed alone.
        if (context().pipeline().get(SslHandler.class) == null) {
            channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        if (channel().isActive()) {
            context().read();
        } else {
            tunnel.closed(this);
        }
    }

    boolean isInputEnded() {
        return inputEnded;
    }

    boolean hasFailed() {
        return failed;
    }

    /**
     * Closes when all that was written is flushed. Whoever does not take it in time sees by a reset that something is
     * missing: no end inside the bytes would tell.
     */
    void closeAfterFlush(long patienceSeconds) {
        Channel channel = channel();
        if (closing != null) {
            return;
        }
        if (channel.isActive()) {
            context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
        if (channel.isActive()) {
            Future<?> patience = channel.eventLoop().schedule(this::reset, patienceSeconds, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> patience.cancel(false));
        }
    }

    /**
     * Closes when all that was written is flushed, and so that it can still be read: what the other side sends meanwhile
     * is thrown away.
     */
    void linger(Duration patience) {
        if (closing == null && channel().isActive() && !inputEnded) {
            closingTimer = new StreamTimer(channel().eventLoop());
            closing = new LingeringClose(context(), closingTimer);
            closing.begin(patience);
        } else {
            closeAfterFlush(patience.toSeconds());
        }
    }

    private void reset() {
        if (channel().isActive()) {
            CutOff.cut(context(), true);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext newCtx) {
        ctx = newCtx;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (closing != null) {
            closing.discard(message);
        } else if (message instanceof ByteBuf bytes) {
            tunnel.touch();
            passage.pass(bytes, peer().context());
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (closing != null) {
            context.read();
            return;
        }
        peer().context().flush();
        // A back end may be gone while its client is still to answer a goodbye.
        paused = !peer().channel().isWritable() && peer().channel().isActive();
        if (!paused) {
            readOn();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        peer().resumeIf(context.channel().isWritable());
    }

    private void resumeIf(boolean writable) {
        if (paused && writable) {
            paused = false;
            readOn();
        }
    }

    // Epoll has forgotten a socket whose both halves have ended; a read of it fails and looks like a reset.
    private void readOn() {
        if (!inputEnded) {
            context().read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && closing != null) {
            context.close();
        } else if (event instanceof ChannelInputShutdownEvent && !inputEnded) {
            inputEnded = true;
            if (!tunnel.isLeaving()) {
                peer().endOutput();
            }
            tunnel.halfClosed();
        } else if (event instanceof SslCloseCompletionEvent) {
            context.close();
        } else if (event instanceof EndRequest wish) {
            tunnel.stopRequested(wish);
        }
    }

    private void endOutput() {
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            if (channel() instanceof DuplexChannel duplex
                    && context().pipeline().get(SslHandler.class) == null) {
                duplex.shutdownOutput();
            } else {
                context().close();
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (closingTimer != null) {
            closingTimer.stop();
        }
        tunnel.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("one end of a tunnel failed: {}", Failures.brief(cause));
        failed = true;
        context.close();
    }

    private Channel channel() {
        return context().channel();
    }

    ChannelHandlerContext context() {
        return Objects.requireNonNull(ctx, "not in a pipeline yet");
    }

    private TunnelEnd peer() {
        return Objects.requireNonNull(other, "connected in the constructor of the tunnel");
    }
}
