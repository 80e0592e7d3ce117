package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Upgrades;
import dev.remora.relay.WebSocketRelay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An upgraded connection: bytes flow both ways until either side closes. Each side is read only as fast as the other
 * takes. A side that ends its half ends the same half on the other side; the other half may go on, but not idle for long.
 * A WebSocket can be ended politely; inside other protocols nobody knows where a message ends.
 */
final class Tunnel implements WebSocketRelay.Ends {

    private static final Duration HALF_CLOSED_IDLE = Duration.ofSeconds(60);
    // How long a side may take to read the last bytes: of the other side that is gone, and of a stream that is cut.
    private static final long LAST_BYTES_SECONDS = 60;
    private static final long CUT_SECONDS = 5;
    private static final Duration LAST_WORDS = Duration.ofSeconds(CUT_SECONDS);
    // How long a client may take to answer a close frame.
    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);
    private static final List<Class<? extends ChannelHandler>> CODECS =
            List.of(ServerCodec.class, HttpServerCodec.class, HttpRequestDecoder.class, HttpResponseEncoder.class);

    private final ReverseProxy proxy;
    private final Lease lease;
    private final StreamTimer timer;
    private final @Nullable WebSocketRelay webSocket;
    private final TunnelEnd clientEnd;
    private final TunnelEnd backendEnd;
    private @Nullable EndRequest stopWish;
    private boolean ended;

    private Tunnel(ReverseProxy proxy, Lease lease, StreamTimer timer, HttpHeaders agreement) {
        this.proxy = proxy;
        this.lease = lease;
        this.timer = timer;
        if (Upgrades.isToWebSocket(new NettyHeaders(agreement))) {
            boolean extended = agreement.contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
            WebSocketRelay relay = new WebSocketRelay(lease, proxy.random(), extended, this);
            this.webSocket = relay;
            this.clientEnd = new TunnelEnd(this, (bytes, backend) -> {
                pass(bytes, relay.fromClient(bytes.nioBuffer()), backend);
                relay.passed();
            });
            this.backendEnd = new TunnelEnd(this, (bytes, client) -> {
                pass(bytes, relay.fromBackend(bytes.nioBuffer()), client);
                relay.passed();
            });
        } else {
            this.webSocket = null;
            this.clientEnd = new TunnelEnd(this, (bytes, backend) -> backend.write(bytes));
            this.backendEnd = new TunnelEnd(this, this::fromBackend);
        }
        clientEnd.connectTo(backendEnd);
        backendEnd.connectTo(clientEnd);
    }

    private static void pass(ByteBuf bytes, int count, ChannelHandlerContext to) {
        if (count == 0) {
            bytes.release();
        } else {
            to.write(bytes.writerIndex(bytes.readerIndex() + count));
        }
    }

    private void fromBackend(ByteBuf bytes, ChannelHandlerContext client) {
        lease.streamed(bytes.readableBytes());
        client.write(bytes);
    }

    /** Sends the agreement to the client, takes HTTP out of both pipelines and lets bytes flow. */
    static void open(Exchange exchange, Lease lease, BackendConnection backend, FullHttpResponse agreement) {
        ChannelHandlerContext client = exchange.client();
        Tunnel tunnel = new Tunnel(exchange.proxy(), lease, exchange.timer(), agreement.headers());
        ChannelHandlerContext connection = client.pipeline().context(ClientConnection.class);
        exchange.handOver();
        if (connection == null || !((ClientConnection) connection.handler()).canLeave()) {
            agreement.release();
            backend.close();
            tunnel.end(Outcome.cancelled());
            client.close();
            return;
        }
        client.writeAndFlush(agreement);
        tunnel.heedWishes(client.channel().eventLoop());
        tunnel.timer.await(tunnel.proxy.timeouts().streamIdle(), tunnel::idle);
        // Both ends are in place before a codec goes: removing one hands on the bytes that it has kept.
        ChannelPipeline pipeline = client.pipeline();
        backend.leave(tunnel.backendEnd);
        pipeline.replace(client.handler(), null, tunnel.clientEnd);
        removeCodecs(pipeline);
        backend.handOnBytes();
        tunnel.clientEnd.begin();
        tunnel.backendEnd.begin();
        EndRequest wish = exchange.stopWish();
        if (wish != null) {
            tunnel.stopRequested(wish);
        }
    }

    private static void removeCodecs(ChannelPipeline pipeline) {
        pipeline.remove(ClientConnection.class);
        for (Class<? extends ChannelHandler> codec : CODECS) {
            if (pipeline.get(codec) != null) {
                pipeline.remove(codec);
            }
        }
    }

    private void heedWishes(EventLoop loop) {
        if (webSocket != null) {
            lease.markResumable();
        }
        lease.onEndRequested(wish -> {
            if (!EventLoops.execute(loop, () -> endRequested(wish))) {
                lease.complete(Outcome.cancelled());
            }
        });
    }

    /** Bytes flowed. They win no time for a client that has only to answer a goodbye. */
    void touch() {
        if (!isLeaving()) {
            timer.touch();
        }
    }

    /** Whether all that is still awaited is a client's answer to its close frame. */
    boolean isLeaving() {
        return webSocket != null && webSocket.isClientTold();
    }

    /** One side has ended its half. */
    void halfClosed() {
        if (isLeaving()) {
            // The back end may go first. A client that goes answers no more.
            if (clientEnd.isInputEnded()) {
                leave();
            }
        } else if (clientEnd.isInputEnded() && backendEnd.isInputEnded()) {
            end(Outcome.success());
            close(LAST_BYTES_SECONDS);
        } else if (!ended) {
            Duration idle = proxy.timeouts().streamIdle();
            timer.await(idle.compareTo(HALF_CLOSED_IDLE) < 0 ? idle : HALF_CLOSED_IDLE, this::idle);
        }
    }

    /** One side is gone. */
    void closed(TunnelEnd gone) {
        if (!isLeaving()) {
            end(outcome(gone));
            close(LAST_BYTES_SECONDS);
        } else if (gone == clientEnd) {
            leave();
        }
    }

    private Outcome outcome(TunnelEnd gone) {
        if (!gone.hasFailed()) {
            return Outcome.success();
        }
        return gone == backendEnd ? Outcome.failure(FailureKind.TRUNCATED) : Outcome.cancelled();
    }

    // Nobody spoke, so it is nobody's fault.
    private void idle() {
        cutOff();
    }

    private void cutOff() {
        end(Outcome.cancelled());
        close(CUT_SECONDS);
    }

    /** The gateway that stops wants an end. */
    void stopRequested(EndRequest wish) {
        stopWish = wish;
        endRequested(wish);
    }

    @Override
    public Optional<EndRequest> endWish() {
        return stopWish == null ? lease.endRequest() : Optional.of(stopWish);
    }

    private void endRequested(EndRequest wish) {
        if (ended) {
            return;
        }
        if (wish.urgency() == EndRequest.Urgency.NOW) {
            endNow(wish);
        } else if (webSocket != null) {
            webSocket.sayGoodbye(wish);
        }
    }

    private void endNow(EndRequest wish) {
        if (webSocket != null) {
            webSocket.sayGoodbyeNow(wish);
        }
        if (isLeaving()) {
            leave();
        } else {
            cutOff();
        }
    }

    @Override
    public void closeClient(byte[] frame) {
        clientEnd.context().writeAndFlush(Unpooled.wrappedBuffer(frame)).addListener(flushed -> goodbyeSaid());
    }

    @Override
    public void closeBackend(byte[] frame) {
        backendEnd.context().writeAndFlush(Unpooled.wrappedBuffer(frame));
    }

    private void goodbyeSaid() {
        if (clientEnd.isInputEnded()) {
            leave();
        } else if (!ended) {
            timer.await(ANSWER_TIME, this::leave);
        }
    }

    @Override
    public void clientAnswered() {
        leave();
    }

    // All is said on both sides, or never will be.
    private void leave() {
        end(Outcome.cancelled());
        clientEnd.linger(LAST_WORDS);
        backendEnd.linger(LAST_WORDS);
    }

    private void close(long patienceSeconds) {
        clientEnd.closeAfterFlush(patienceSeconds);
        backendEnd.closeAfterFlush(patienceSeconds);
    }

    private void end(Outcome outcome) {
        if (!ended) {
            ended = true;
            timer.stop();
            lease.complete(outcome);
            proxy.streamClosed();
        }
    }
}
