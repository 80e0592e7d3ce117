package dev.remora.netty;

import dev.remora.EndRequest;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Relays the requests of one client connection to the back ends that the balancer picks. It is the last handler of a
 * pipeline, behind the strict {@link ReverseProxy#newCodec() codec} or behind Netty's own {@code HttpServerCodec}; one
 * instance for each connection, made by {@link ReverseProxy#newHandler()}.
 *
 * <p>When it is added it turns automatic reading off, because it reads only as fast as a back end takes, and puts in
 * front of itself (unless {@code GatewayServer} has done so already) what makes the handlers behind see one request at a
 * time. After an upgrade, bytes instead of HTTP messages pass through the handlers that are left.
 */
public final class ReverseProxyHandler extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(ReverseProxyHandler.class);

    private final ReverseProxy proxy;
    private @Nullable Exchange exchange;
    private @Nullable Peer peer;
    private @Nullable EndRequest stopWish;

    ReverseProxyHandler(ReverseProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ChannelPipeline pipeline = ctx.pipeline();
        if (pipeline.get(ClientConnection.class) == null) {
            pipeline.addBefore(ctx.name(), null, new ClientConnection(proxy));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        clientGone();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof FullHttpRequest whole) {
            begin(ctx, whole);
            content(new DefaultLastHttpContent(whole.content(), whole.trailingHeaders()));
        } else if (message instanceof HttpRequest request) {
            begin(ctx, request);
        } else if (message instanceof HttpContent piece) {
            content(piece);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        if (peer == null) {
            peer = Peer.of(ctx.channel(), proxy.balancer().trustedProxies());
        }
        Exchange next = new Exchange(proxy, this, ctx, request, peer);
        exchange = next;
        next.start();
        next.demandBody();
    }

    private void content(HttpContent piece) {
        if (exchange == null) {
            piece.release();
        } else {
            exchange.content(piece);
        }
    }

    /** An exchange needs no more events. */
    void ended(Exchange old) {
        if (exchange == old) {
            exchange = null;
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.clientReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.clientWritabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        clientGone();
    }

    private void clientGone() {
        if (exchange != null) {
            exchange.clientGone();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof EndRequest wish) {
            stopWish = wish;
            if (exchange != null) {
                exchange.endRequested(wish);
            }
        }
    }

    /** The wish of a gateway that stops: it concerns what is open, and what still begins on this connection. */
    @Nullable
    EndRequest stopWish() {
        return stopWish;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.warn("relaying failed", cause);
        if (exchange == null) {
            ctx.close();
        } else {
            exchange.crashed();
        }
    }
}
