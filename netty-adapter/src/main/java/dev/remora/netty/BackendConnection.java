package dev.remora.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a back end, last in its pipeline: it serves one request at a time, or waits in the pool. Used on its
 * event loop only.
 */
final class BackendConnection extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(BackendConnection.class);

    private final BackendKey key;
    private final BackendPool pool;
    private final StrictResponseDecoder decoder;
    private final long mostIdleNanos;

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable BackendListener listener;
    private Reuse reuse = Reuse.NEVER;
    private boolean reused;
    private boolean toHead;
    private boolean interim;
    private boolean untilClose;
    private boolean closeAgreed;
    private boolean failed;
    private boolean finished;
    private long idleSinceNanos;

    BackendConnection(BackendKey key, BackendPool pool, StrictResponseDecoder decoder, Limits limits) {
        this.key = key;
        this.pool = pool;
        this.decoder = decoder;
        this.mostIdleNanos = limits.backendIdle().toNanos();
    }

    BackendKey key() {
        return key;
    }

    Channel channel() {
        return context().channel();
    }

    /** Whether it served another request before. */
    boolean isReused() {
        return reused;
    }

    /** Whether any byte of the response has arrived. */
    boolean hasResponseBegun() {
        return decoder.hasBegun();
    }

    boolean isWritable() {
        return channel().isWritable();
    }

    /** Makes ready for a request; what happens is told to the listener until it finishes or closes. */
    void begin(BackendListener newListener, HttpMethod method) {
        listener = newListener;
        finished = false;
        reuse = Reuse.NEVER;
        toHead = method.equals(HttpMethod.HEAD);
        decoder.expect(toHead);
    }

    void write(HttpObject message) {
        context().write(message);
    }

    void flush() {
        context().flush();
    }

    void read() {
        context().read();
    }

    /** The response is complete: back to the pool if both sides may and the request was sent whole, else closed. */
    void finish(boolean requestSent) {
        if (requestSent && reuse.isPossible()) {
            // Not into the pool before this burst has ended: bytes behind the response would spoil it.
            finished = true;
        } else {
            close();
        }
    }

    /** Closes it; the listener hears nothing more. */
    void close() {
        listener = null;
        context().close();
    }

    /** Another handler takes over, because the connection leaves HTTP. */
    void leave(ChannelHandler successor) {
        listener = null;
        channel().config().setAutoClose(true);
        ChannelPipeline pipeline = context().pipeline();
        pipeline.replace(this, null, successor);
        pipeline.remove(HttpRequestEncoder.class);
    }

    /** Hands the bytes behind the last head on to the successor. */
    void handOnBytes() {
        channel().pipeline().remove(decoder);
    }

    void idleSince(long nanos) {
        idleSinceNanos = nanos;
        reused = true;
    }

    /** How long it has been idle. */
    long idleNanos(long nowNanos) {
        return nowNanos - idleSinceNanos;
    }

    /** Whether the back end may close it at any moment, or has done so. */
    boolean isStale(long nowNanos) {
        return !channel().isActive() || idleNanos(nowNanos) >= reuse.idleNanos(mostIdleNanos);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext newCtx) {
        ctx = newCtx;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        BackendListener told = listener;
        if (told == null || finished) {
            ReferenceCountUtil.release(message);
        } else if (!(message instanceof HttpObject object)
                || object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            told.malformed();
        } else if (message instanceof HttpResponse response) {
            head(told, response);
        } else if (message instanceof LastHttpContent last) {
            end(told, last);
        } else if (message instanceof HttpContent content) {
            told.content(content);
        }
    }

    private void head(BackendListener told, HttpResponse response) {
        interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && !response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
        if (!interim) {
            // A back end that sends the body of a HEAD response after all would answer the next request with it.
            untilClose = Bodies.endsWithConnection(response);
            reuse = toHead && Bodies.isAnnounced(response.headers()) ? Reuse.NEVER : Reuse.after(response);
        }
        told.head(response);
    }

    private void end(BackendListener told, LastHttpContent last) {
        if (interim) {
            interim = false;
            last.release();
        } else if (untilClose && !channel().isActive() && (failed || (key.secure() && !closeAgreed))) {
            // A reset, or over TLS an end that the back end did not announce: the body may have been cut.
            last.release();
        } else {
            told.end(last);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        BackendListener told = listener;
        if (told != null) {
            told.burstEnded();
        }
        if (failed) {
            // Only what the kernel holds already can come. A selector would not rest before it is gone.
            context.read();
        }
        if (finished && context.channel().isActive()) {
            finished = false;
            listener = null;
            pool.put(this);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (listener != null && !finished) {
            listener.writabilityChanged();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslCloseCompletionEvent close) {
            closeAgreed = close.isSuccess();
            context.close();
        } else if (event instanceof ChannelOutputShutdownEvent) {
            // It takes no more of the request, mostly because it has answered and gone. The answer is still to be read,
            // but the end of the connection, a reset, is not the end of a body.
            failed = true;
            context.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        BackendListener told = listener;
        listener = null;
        pool.remove(this);
        if (told != null && !finished) {
            told.closed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("connection to back end {} failed: {}", key.id(), Failures.brief(cause));
        failed = true;
        context.close();
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(ctx, "not connected yet");
    }
}
