package dev.remora.netty;

import dev.remora.http.Problems;
import dev.remora.http.Rejection;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's half of HTTP/1.1 on one client connection, directly behind the codec. The handlers behind it see one
 * request at a time, in order, and only requests that obey the rules; what is pipelined meanwhile waits here. It decides
 * whether the connection is kept, and closes it so that the client can still read the last answer.
 *
 * <p>While the body of a request arrives, the handlers behind ask for reads. At all other times one read is kept pending
 * here, so that the client's leaving is seen at once; only when too much is waiting does reading stop.
 */
final class ClientConnection extends ChannelDuplexHandler {

    /** Asks a connection to end: at once when it is idle, otherwise with the answer that is on its way. */
    static final Object STOP = new Object();

    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    private final ReverseProxy proxy;
    private final WaitingRequests waiting = new WaitingRequests();
    private @Nullable StreamTimer timer;
    private @Nullable LingeringClose closing;
    // The request that is being answered; nothing while the connection is idle.
    private @Nullable RequestState current;
    // The time for the first head runs from the start of the connection, for later ones from their first byte.
    private boolean first = true;
    private boolean headBegun;
    private boolean messageRead;
    private boolean delivering;
    private boolean stopping;
    private boolean nextAnswerIsLast;

    ClientConnection(ReverseProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(false);
        if (ctx.channel().isActive()) {
            begin(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begin(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        timer(ctx).stop();
        waiting.discard();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        timer(ctx).stop();
        waiting.discard();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (closing != null) {
            closing.discard(message);
        } else if (!(message instanceof HttpObject object)) {
            ctx.fireChannelRead(message);
        } else {
            messageRead = true;
            if (!waiting.isEmpty() || (current != null && message instanceof HttpRequest)) {
                waiting.add(object);
            } else {
                deliver(ctx, object);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (closing == null && current == null && !messageRead && !headBegun) {
            headBegun = true;
            if (!first) {
                timer(ctx).await(proxy.timeouts().requestHead(), () -> headLate(ctx));
            }
        }
        messageRead = false;
        ctx.fireChannelReadComplete();
        watch(ctx);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        RequestState answered = current;
        if (answered != null && message instanceof HttpResponse response) {
            answered.responding(response, stopping || nextAnswerIsLast);
        }
        boolean last = message instanceof LastHttpContent && !isInterim(message);
        ctx.write(message, promise);
        if (last && answered != null) {
            responseWritten(ctx, answered);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.fireChannelWritabilityChanged();
        if (current == null && !waiting.isEmpty()) {
            next(ctx);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == STOP) {
            stopping = true;
            if ((current == null || current.isAnswered()) && closing == null) {
                close(ctx);
            }
        } else if (event instanceof SslCloseCompletionEvent) {
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("connection of {} failed: {}", ctx.channel().remoteAddress(), Failures.brief(cause));
        ctx.close();
    }

    /** The client should come back on another connection: it is told so by the next response head. */
    void nextAnswerIsLast() {
        nextAnswerIsLast = true;
    }

    /** Whether the connection can leave HTTP: not when bytes of the new protocol were taken for requests already. */
    boolean canLeave() {
        return waiting.isEmpty() && closing == null;
    }

    private void begin(ChannelHandlerContext ctx) {
        timer(ctx).await(proxy.timeouts().requestHead(), () -> headLate(ctx));
        ctx.read();
    }

    private void deliver(ChannelHandlerContext ctx, HttpObject object) {
        if (current != null && current.isBroken()) {
            ReferenceCountUtil.release(object);
            return;
        }
        try {
            if (object instanceof HttpRequest request) {
                timer(ctx).stop();
                headBegun = false;
                first = false;
                current = new RequestState(request);
                DecodedRequests.apply(request, proxy.limits());
                current.accepted(request);
            }
            if (object instanceof HttpContent content && current != null) {
                current.received(content, proxy.limits());
            }
        } catch (Rejection rejection) {
            ReferenceCountUtil.release(object);
            reject(ctx, object, rejection);
            return;
        }
        ctx.fireChannelRead(object);
        if (current != null && current.isAnswered() && current.isReceived()) {
            current = null;
            next(ctx);
        }
    }

    // A bad head is answered here. A bad body concerns whoever serves the request: it is told so by a failed last
    // piece, unless it has answered already.
    private void reject(ChannelHandlerContext ctx, HttpObject object, Rejection rejection) {
        log.debug("request of {} rejected: {}", ctx.channel().remoteAddress(), rejection.getMessage());
        if (object instanceof HttpRequest) {
            ctx.write(Answers.lastTo(rejection.problem(), proxy.clock()));
            close(ctx);
        } else if (current != null && current.isAnswered()) {
            close(ctx);
        } else {
            LastHttpContent end = new DefaultLastHttpContent();
            end.setDecoderResult(DecoderResult.failure(rejection));
            ctx.fireChannelRead(end);
        }
    }

    private void responseWritten(ChannelHandlerContext ctx, RequestState answered) {
        answered.answered();
        if (answered.mustClose()) {
            current = null;
            close(ctx);
        } else if (answered.isReceived()) {
            current = null;
            next(ctx);
        } else {
            // The next request begins behind the rest of this one.
            timer(ctx).await(proxy.timeouts().requestBodyIdle(), () -> close(ctx));
            watch(ctx);
        }
    }

    // Not recursive: a request that is answered while it is delivered returns here and leaves the rest to the loop.
    private void next(ChannelHandlerContext ctx) {
        if (delivering) {
            return;
        }
        delivering = true;
        boolean delivered = false;
        while (mayDeliver(ctx)) {
            deliver(ctx, waiting.remove());
            delivered = true;
        }
        delivering = false;
        if (delivered) {
            ctx.fireChannelReadComplete();
        }
        if (current == null && waiting.isEmpty() && closing == null) {
            idle(ctx);
        }
        watch(ctx);
    }

    private boolean mayDeliver(ChannelHandlerContext ctx) {
        if (closing != null || waiting.isEmpty()) {
            return false;
        }
        return !waiting.beginsRequest() || (current == null && ctx.channel().isWritable());
    }

    private void idle(ChannelHandlerContext ctx) {
        if (stopping) {
            close(ctx);
            return;
        }
        // Not at once: a slow client may still be reading the last answer.
        timer(ctx).await(proxy.timeouts().clientIdle(), () -> close(ctx));
        ServerCodec codec = ctx.pipeline().get(ServerCodec.class);
        if (codec != null) {
            codec.resume();
        }
    }

    private void headLate(ChannelHandlerContext ctx) {
        if (headBegun && !isHandshaking(ctx)) {
            ctx.write(Answers.lastTo(Problems.requestTimeout(), proxy.clock()));
            close(ctx);
        } else {
            ctx.close();
        }
    }

    // Whoever has not agreed on TLS yet cannot be told anything.
    private static boolean isHandshaking(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        return tls != null && !tls.handshakeFuture().isDone();
    }

    private void watch(ChannelHandlerContext ctx) {
        boolean bodyExpected = closing == null && current != null && !current.isReceived() && !current.isAnswered();
        if (!bodyExpected && !waiting.isFull()) {
            ctx.read();
        }
    }

    private void close(ChannelHandlerContext ctx) {
        waiting.discard();
        if (closing == null) {
            closing = new LingeringClose(ctx, timer(ctx));
            closing.begin(proxy.timeouts().streamIdle());
        }
    }

    private StreamTimer timer(ChannelHandlerContext ctx) {
        if (timer == null) {
            timer = new StreamTimer(ctx.channel().eventLoop());
        }
        return timer;
    }

    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }
}
