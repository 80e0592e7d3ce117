package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.Refusal;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Problem;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.Future;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer: picks a back end, connects, lets an {@link Attempt} relay, and goes on to another back end
 * while the client has seen nothing and the request can be sent again. It holds the lease and completes it exactly once.
 * Used on the client's event loop only.
 */
final class Exchange {

    private static final Logger log = LoggerFactory.getLogger(Exchange.class);
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    private final ReverseProxy proxy;
    private final ReverseProxyHandler handler;
    private final ChannelHandlerContext client;
    private final HttpRequest request;
    private final Peer peer;
    private final RequestBody body = new RequestBody();
    private final StreamTimer timer;

    private @Nullable Lease lease;
    private @Nullable Attempt attempt;
    private @Nullable Future<BackendConnection> opening;
    // Whether more of what brought this request may follow before anything else happens.
    private boolean inBurst = true;
    private boolean staleRetried;
    private boolean answering;
    private boolean done;

    Exchange(
            ReverseProxy proxy,
            ReverseProxyHandler handler,
            ChannelHandlerContext client,
            HttpRequest request,
            Peer peer) {
        this.proxy = proxy;
        this.handler = handler;
        this.client = client;
        this.request = request;
        this.peer = peer;
        this.timer = new StreamTimer(client.channel().eventLoop());
    }

    ReverseProxy proxy() {
        return proxy;
    }

    ChannelHandlerContext client() {
        return client;
    }

    HttpRequest request() {
        return request;
    }

    Peer peer() {
        return peer;
    }

    RequestBody body() {
        return body;
    }

    StreamTimer timer() {
        return timer;
    }

    // ---- the way to a back end

    void start() {
        proxy.streamOpened();
        Picks.ask(
                proxy.balancer(),
                new NettyRequestView(request, peer.socketAddress(), peer.secure()),
                client.channel().eventLoop(),
                pick -> guarded(() -> picked(pick)));
    }

    private void picked(Pick pick) {
        if (pick instanceof Lease granted) {
            if (done) {
                granted.complete(Outcome.cancelled());
            } else {
                begin(granted);
            }
        } else if (pick instanceof Refusal refusal && !done) {
            answer(refusal.problem());
        }
    }

    private void begin(Lease granted) {
        lease = granted;
        EventLoop loop = client.channel().eventLoop();
        granted.onEndRequested(wish -> Picks.execute(loop, () -> guarded(() -> endRequested(granted, wish))));
        connect(granted, false);
    }

    private void connect(Lease granted, boolean fresh) {
        Future<BackendConnection> connecting =
                proxy.connect(BackendKey.of(granted.backend()), client.channel(), fresh, isReplayable());
        opening = connecting;
        connecting.addListener(opened -> guarded(() -> connected(granted, connecting)));
    }

    private void connected(Lease granted, Future<BackendConnection> connecting) {
        opening = null;
        if (lease != granted) {
            if (connecting.isSuccess()) {
                connecting.getNow().close();
            }
        } else if (connecting.isSuccess()) {
            run(granted, connecting.getNow());
        } else {
            log.debug(
                    "back end {} could not be reached: {}",
                    granted.backend().id(),
                    connecting.cause().toString());
            failed(FailureKind.CONNECT, body.isUntouched());
        }
    }

    private void run(Lease granted, BackendConnection connection) {
        Attempt next = new Attempt(this, granted, connection);
        attempt = next;
        next.start();
        demandBody();
    }

    // ---- what the client does

    void content(HttpContent piece) {
        if (done) {
            piece.release();
        } else if (piece.decoderResult().isFailure()) {
            piece.release();
            malformed(RequestRules.bodyRejection(piece.decoderResult().cause()));
        } else if (attempt == null) {
            body.hold(piece);
        } else {
            attempt.clientContent(piece);
        }
    }

    /** Whether {@link #clientReadComplete} is still to come for the read that brought this request. */
    boolean isInBurst() {
        return inBurst;
    }

    void clientReadComplete() {
        inBurst = false;
        if (attempt != null) {
            attempt.flush();
        }
        demandBody();
    }

    /** Reads more of the body if somebody can take it. */
    void demandBody() {
        boolean room = attempt == null ? body.hasRoom() : attempt.isWritable();
        if (!done && room && !body.isReceived()) {
            client.read();
        }
    }

    void clientWritabilityChanged() {
        if (attempt != null) {
            attempt.clientWritabilityChanged();
        }
    }

    void clientGone() {
        if (!done) {
            abandon(Outcome.cancelled());
        }
    }

    private void malformed(Rejection rejection) {
        boolean begun = answering;
        abandon(Outcome.cancelled());
        if (begun) {
            CutOff.cut(client, false);
        } else {
            client.writeAndFlush(Problems.lastResponse(rejection.problem(), proxy.clock()));
        }
    }

    // ---- what the back end does

    /** The client is about to see a response head. */
    void answering() {
        answering = true;
    }

    /** Whether the request may be sent a second time, to any back end. */
    boolean isReplayable() {
        return IDEMPOTENT.contains(request.method().name())
                && body.isUntouched()
                && !Bodies.isAnnounced(request.headers());
    }

    /** A connection from the pool turned out to be closed: the request goes to the same back end on a fresh one, once. */
    boolean retryStale(Lease granted) {
        if (staleRetried || !isReplayable()) {
            return false;
        }
        staleRetried = true;
        attempt = null;
        timer.stop();
        connect(granted, true);
        return true;
    }

    /** An attempt failed before the client saw anything. */
    void failed(FailureKind kind, boolean mayMove) {
        Lease ended = lease;
        attempt = null;
        timer.stop();
        if (done || ended == null) {
            return;
        }
        lease = null;
        if (mayMove) {
            if (ended.retry(new Outcome.Failure(kind)) instanceof Lease next) {
                begin(next);
                return;
            }
        } else {
            ended.complete(Outcome.failure(kind));
        }
        answer(Problems.of(kind));
    }

    /** The stream ends while the client has only a part of the answer: it must see that. */
    void breakOff(Outcome outcome, boolean untilClose) {
        abandon(outcome);
        CutOff.cut(client, untilClose);
    }

    /** The attempt has done its work; nothing of this exchange is left. */
    void complete(Outcome outcome) {
        Lease ended = lease;
        end();
        if (ended != null) {
            ended.complete(outcome);
        }
    }

    /** The gateway itself answers. */
    void answer(Problem problem) {
        abandon(Outcome.cancelled());
        FullHttpResponse response = Problems.response(problem, proxy.clock());
        client.writeAndFlush(response);
    }

    /** The client did not send in time. */
    void clientLate() {
        abandon(Outcome.cancelled());
        client.writeAndFlush(Problems.lastResponse(Problems.requestTimeout(), proxy.clock()));
    }

    // ---- how it ends

    /** Something threw that should not have. */
    void crashed() {
        if (answering) {
            cutOff();
        } else {
            answer(Problems.internalError());
        }
    }

    private void endRequested(Lease granted, EndRequest wish) {
        if (lease != granted) {
            return;
        }
        if (!answering) {
            answer(Problems.unavailable(wish.retryAfter()));
        } else if (wish.deadline().isZero() || wish.deadline().isNegative()) {
            cutOff();
        } else {
            client.channel().eventLoop().schedule(this::cutOff, wish.deadline().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Ends the stream now, visibly. */
    void cutOff() {
        if (!done) {
            boolean untilClose = attempt != null && attempt.endsWithConnection();
            breakOff(Outcome.cancelled(), untilClose);
        }
    }

    /** Somebody else goes on with the lease, the timer and both connections. */
    void handOver() {
        proxy.streamOpened();
        end();
    }

    private void abandon(Outcome outcome) {
        Lease ended = lease;
        Attempt running = attempt;
        Future<BackendConnection> connecting = opening;
        end();
        if (connecting != null) {
            connecting.cancel(false);
        }
        if (running != null) {
            running.abort();
        }
        if (ended != null) {
            ended.complete(outcome);
        }
    }

    private void end() {
        if (!done) {
            done = true;
            lease = null;
            attempt = null;
            opening = null;
            timer.stop();
            body.release();
            handler.ended(this);
            proxy.streamClosed();
        }
    }

    // What strategies and listeners of others throw must not leave a client waiting for ever.
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            handler.exceptionCaught(client, e);
        }
    }
}
