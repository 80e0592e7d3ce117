package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.time.Duration;
import java.util.List;

/**
 * An upgraded connection: bytes flow both ways until either side closes. Each side is read only as fast as the other
 * takes. A side that ends its half ends the same half on the other side; the other half may go on, but not idle for long.
 */
final class Tunnel {

    private static final Duration HALF_CLOSED_IDLE = Duration.ofSeconds(60);
    // How long a side may take to read the last bytes: of the other side that is gone, and of a stream that is cut.
    private static final long LAST_BYTES_SECONDS = 60;
    private static final long CUT_SECONDS = 5;
    private static final List<Class<? extends ChannelHandler>> CODECS =
            List.of(ServerCodec.class, HttpServerCodec.class, HttpRequestDecoder.class, HttpResponseEncoder.class);

    private final ReverseProxy proxy;
    private final Lease lease;
    private final StreamTimer timer;
    private final TunnelEnd clientEnd;
    private final TunnelEnd backendEnd;
    private boolean ended;

    private Tunnel(ReverseProxy proxy, Lease lease, StreamTimer timer) {
        this.proxy = proxy;
        this.lease = lease;
        this.timer = timer;
        this.clientEnd = new TunnelEnd(this, bytes -> {});
        this.backendEnd = new TunnelEnd(this, lease::streamed);
        clientEnd.connectTo(backendEnd);
        backendEnd.connectTo(clientEnd);
    }

    /** Sends the agreement to the client, takes HTTP out of both pipelines and lets bytes flow. */
    static void open(Exchange exchange, Lease lease, BackendConnection backend, FullHttpResponse agreement) {
        ChannelHandlerContext client = exchange.client();
        Tunnel tunnel = new Tunnel(exchange.proxy(), lease, exchange.timer());
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
        lease.onEndRequested(wish -> tunnel.endRequested(client, wish));
        tunnel.timer.await(tunnel.proxy.timeouts().streamIdle(), tunnel::idle);
        // Both ends are in place before a codec goes: removing one hands on the bytes that it has kept.
        ChannelPipeline pipeline = client.pipeline();
        backend.leave(tunnel.backendEnd);
        pipeline.replace(client.handler(), null, tunnel.clientEnd);
        removeCodecs(pipeline);
        backend.handOnBytes();
        tunnel.clientEnd.begin();
        tunnel.backendEnd.begin();
    }

    private static void removeCodecs(ChannelPipeline pipeline) {
        pipeline.remove(ClientConnection.class);
        for (Class<? extends ChannelHandler> codec : CODECS) {
            if (pipeline.get(codec) != null) {
                pipeline.remove(codec);
            }
        }
    }

    /** Bytes flowed. */
    void touch() {
        timer.touch();
    }

    /** One side has ended its half. */
    void halfClosed() {
        if (clientEnd.isInputEnded() && backendEnd.isInputEnded()) {
            end(Outcome.success());
            close(LAST_BYTES_SECONDS);
        } else if (!ended) {
            Duration idle = proxy.timeouts().streamIdle();
            timer.await(idle.compareTo(HALF_CLOSED_IDLE) < 0 ? idle : HALF_CLOSED_IDLE, this::idle);
        }
    }

    /** One side is gone. */
    void closed(TunnelEnd gone) {
        end(outcome(gone));
        close(LAST_BYTES_SECONDS);
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

    /** Ends the tunnel now. */
    void cutOff() {
        end(Outcome.cancelled());
        close(CUT_SECONDS);
    }

    // Where one message ends cannot be told from bytes, so there is no goodbye inside the tunnel.
    private void endRequested(ChannelHandlerContext client, EndRequest wish) {
        if (wish.urgency() == EndRequest.Urgency.NOW
                && !Picks.execute(client.channel().eventLoop(), this::cutOff)) {
            lease.complete(Outcome.cancelled());
        }
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
