package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.http.Problems;
import dev.remora.http.Rejection;
import dev.remora.http.RequestRules;
import dev.remora.relay.Resumption;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, from the client's side: its {@link Connecting} finds a back end, an {@link Attempt} relays, and
 * what the client does reaches either. Nothing is left when it has ended. Used on the client's event loop only.
 */
final class Exchange {

    private final ReverseProxy proxy;
    private final ReverseProxyHandler handler;
    private final ChannelHandlerContext client;
    private HttpRequest request;
    private final Peer peer;
    private final RequestBody body;
    private final StreamTimer timer;
    private final Connecting connecting;

    private @Nullable Attempt attempt;
    // Whether more of what brought this request may follow before anything else happens.
    private boolean inBurst = true;
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
        this.body = new RequestBody(proxy.replayableBytes());
        this.timer = new StreamTimer(client.channel().eventLoop());
        this.connecting = new Connecting(this);
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

    /** The answer has begun, so nobody needs the request's headers again: a third of what a silent stream would hold. */
    HttpRequest forgetHead() {
        request = new DefaultHttpRequest(
                request.protocolVersion(), request.method(), request.uri(), EmptyHttpHeaders.INSTANCE);
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

    Connecting connecting() {
        return connecting;
    }

    void start() {
        proxy.streamOpened();
        connecting.begin();
    }

    /** A connection is there. */
    void run(Lease lease, BackendConnection connection) {
        Attempt next = new Attempt(this, lease, connection);
        attempt = next;
        next.start();
        demandBody();
    }

    /** The attempt came to nothing, and the client has seen nothing of it. */
    void attemptEnded() {
        attempt = null;
        timer.stop();
        body.rewind();
    }

    boolean isDone() {
        return done;
    }

    /** Whether the client has seen, or is about to see, a response head. */
    boolean isAnswering() {
        return answering;
    }

    // ---- what the client does

    void content(HttpContent piece) {
        if (done) {
            piece.release();
        } else if (piece.decoderResult().isFailure()) {
            piece.release();
            malformed(DecodedRequests.bodyRejection(piece.decoderResult().cause()));
        } else if (attempt == null) {
            body.hold(piece);
            if (body.hasGrown()) {
                timer.touch();
            }
            connecting.bodyHeld();
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

    /** So much of the body is to be held back until it has been seen: the client must send it. */
    void gatherBody(int bytes) {
        body.gather(bytes, client.alloc());
        // The back end is asked for no 100 any more.
        boolean continueAwaited = request.headers().contains(HttpHeaderNames.EXPECT) && body.isEmpty();
        request.headers().remove(HttpHeaderNames.EXPECT);
        if (continueAwaited) {
            client.writeAndFlush(Heads.goOn());
        }
        timer.await(proxy.timeouts().requestBodyIdle(), this::clientLate);
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
            client.writeAndFlush(Answers.lastTo(rejection.problem(), proxy.clock()));
        }
    }

    // ---- what the back end does

    /** The client is about to see a response head. */
    void answering() {
        answering = true;
        body.forget();
    }

    /** Whether the request may be sent a second time, to any back end. */
    boolean isReplayable() {
        if (proxy.replayableBytes() > 0) {
            return body.isWhole();
        }
        return isIdempotent() && body.isUntouched() && !Bodies.isAnnounced(request.headers());
    }

    /** Whether it may be sent a second time even when all of it has been sent once. */
    boolean isSurelyReplayable() {
        if (proxy.replayableBytes() > 0) {
            return body.isWhole()
                    && !Bodies.isChunked(request.headers())
                    && Bodies.length(request.headers()) <= proxy.replayableBytes();
        }
        return isReplayable();
    }

    /** When the client goes on after the end of an event stream. */
    Resumption resumption() {
        boolean always = proxy.isResumable(new NettyRequestView(request, peer.socketAddress(), peer.secure()));
        return always ? Resumption.ALWAYS : Resumption.of(request.method().name());
    }

    private boolean isIdempotent() {
        return RequestRules.isIdempotent(request.method().name());
    }

    /** The stream ends while the client has only a part of the answer: it must see that. */
    void breakOff(Outcome outcome, boolean untilClose) {
        abandon(outcome);
        CutOff.cut(client, untilClose);
    }

    /** The attempt has done its work; nothing of this exchange is left. */
    void complete(Outcome outcome) {
        finish(outcome, null);
    }

    /** The gateway itself answers. */
    void answer(Problem problem) {
        answer(problem, HeaderEdits.none());
    }

    /** The gateway itself answers, with headers beside those of the problem. */
    void answer(Problem problem, HeaderEdits headers) {
        abandon(Outcome.cancelled());
        FullHttpResponse response = Answers.to(problem, proxy.clock());
        headers.applyTo(new NettyHeaders(response.headers()));
        client.writeAndFlush(response);
    }

    /** The client did not send in time. */
    void clientLate() {
        abandon(Outcome.cancelled());
        client.writeAndFlush(Answers.lastTo(Problems.requestTimeout(), proxy.clock()));
    }

    // ---- how it ends

    /** The balancer, or the gateway that stops, wants an end. */
    void endRequested(EndRequest wish) {
        if (wish.urgency() == EndRequest.Urgency.POLITE) {
            ClientConnection connection = client.pipeline().get(ClientConnection.class);
            if (connection != null) {
                connection.nextAnswerIsLast();
            }
            if (attempt != null) {
                attempt.endRequested(wish);
            }
        } else if (answering && attempt != null && wish.reason() == EndRequest.Reason.EXHAUSTED) {
            attempt.exhausted(wish);
        } else if (answering) {
            cutOff();
        } else {
            answer(Problems.unavailable(wish.retryAfter()));
        }
    }

    /** The wish that is in force, of the gateway or else of the balancer. */
    @Nullable
    EndRequest endWish() {
        EndRequest stop = stopWish();
        return stop == null ? connecting.endWish() : stop;
    }

    /** The wish of a gateway that stops. */
    @Nullable
    EndRequest stopWish() {
        return handler.stopWish();
    }

    /** Something threw that should not have. */
    void crashed() {
        if (answering) {
            cutOff();
        } else {
            answer(Problems.internalError());
        }
    }

    /** Ends the stream now, visibly. */
    void cutOff() {
        if (!done) {
            boolean untilClose = attempt != null && attempt.endsWithConnection();
            breakOff(Outcome.cancelled(), untilClose);
        }
    }

    /** Somebody else goes on with the lease, the timer, both connections and the place in the count of open streams. */
    void handOver() {
        end();
        connecting.handOver();
    }

    private void abandon(Outcome outcome) {
        finish(outcome, attempt);
    }

    private void finish(Outcome outcome, @Nullable Attempt running) {
        boolean counted = !done;
        end();
        try {
            if (running != null) {
                running.abort();
            }
            connecting.end(outcome);
        } finally {
            // Last, so that nothing is held any more when nothing is counted.
            if (counted) {
                proxy.streamClosed();
            }
        }
    }

    private void end() {
        if (!done) {
            done = true;
            attempt = null;
            timer.stop();
            body.release();
            handler.ended(this);
        }
    }

    // What strategies and listeners of others throw must not leave a client waiting for ever.
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            handler.exceptionCaught(client, e);
        }
    }
}
