package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Timeouts;
import dev.remora.http.Upgrades;
import dev.remora.relay.PassingBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * One request on one connection to a back end: relays the request's body one way and the response the other, each side
 * read only as fast as the other takes. One flush ends each burst that a read brought.
 */
final class Attempt implements BackendListener {

    private final Exchange exchange;
    private final Lease lease;
    private final BackendConnection backend;
    private final ChannelHandlerContext client;
    private final List<String> requestOptions;
    private HeaderEdits requestEdits = HeaderEdits.none();
    private HttpRequest request;
    private boolean awaitsContinue;
    private boolean answered;
    private boolean untilClose;
    private boolean paused;
    private List<String> responseOptions = List.of();
    private boolean awaitsBody;
    private PassingBody passing = PassingBody.UNSEEN;

    Attempt(Exchange exchange, Lease lease, BackendConnection backend) {
        this.exchange = exchange;
        this.lease = lease;
        this.backend = backend;
        this.client = exchange.client();
        this.request = exchange.request();
        this.requestOptions = request.headers().getAll(HttpHeaderNames.CONNECTION);
    }

    void start() {
        ReverseProxy proxy = exchange.proxy();
        // Who has sent its body to another back end does not wait for a word of this one.
        awaitsContinue = request.headers().contains(HttpHeaderNames.EXPECT)
                && !exchange.body().isRewound();
        backend.begin(this, request.method());
        requestEdits = lease.requestEdits();
        backend.write(Heads.forBackend(request, exchange.peer(), backend.key(), proxy.preserveHost(), requestEdits));
        exchange.body().passHeld(this::send);
        if (!exchange.isInBurst()) {
            backend.flush();
        }
        backend.read();
        awaitResponse();
    }

    boolean endsWithConnection() {
        return untilClose;
    }

    // ---- towards the back end

    boolean isWritable() {
        return backend.isWritable();
    }

    void clientContent(HttpContent piece) {
        boolean begins = exchange.body().isUntouched();
        touch();
        exchange.body().pass(piece, this::send);
        if ((begins || exchange.body().isReceived()) && !answered) {
            awaitResponse();
        } else if (answered && exchange.body().isReceived()) {
            tellPaused();
        }
    }

    // A stream that has only to come to its end wins no time.
    private void touch() {
        if (!passing.isExhausted()) {
            exchange.timer().touch();
        }
    }

    // Who waits for the client, to take what is there or to send the rest, does not stall.
    private void tellPaused() {
        lease.paused(paused || !exchange.body().isReceived());
    }

    void flush() {
        backend.flush();
    }

    private void send(HttpContent piece) {
        if (piece instanceof LastHttpContent last) {
            backend.write(Trailers.filter(last, requestOptions, requestEdits));
        } else {
            backend.write(piece);
        }
    }

    @Override
    public void writabilityChanged() {
        if (backend.isWritable()) {
            exchange.demandBody();
        }
        if (!answered && !exchange.body().isReceived()) {
            awaitResponse();
        }
    }

    // ---- towards the client

    @Override
    public void head(HttpResponse response) {
        exchange.timer().touch();
        if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            switchProtocols(response);
        } else if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            interim(response);
        } else {
            exchange.guarded(() -> answer(response));
        }
    }

    // A client of HTTP/1.0 knows no interim responses, and a 100 goes only to one that waits for it.
    private void interim(HttpResponse response) {
        boolean isContinue = response.status().equals(HttpResponseStatus.CONTINUE);
        boolean wanted = isContinue ? awaitsContinue : request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (isContinue) {
            awaitsContinue = false;
        }
        if (wanted) {
            client.write(Heads.interim(response));
        }
        awaitResponse();
    }

    private void answer(HttpResponse response) {
        NettyResponseView view = new NettyResponseView(response);
        var kind = view.kind();
        var edits = lease.responseStarted(view);
        responseOptions = response.headers().getAll(HttpHeaderNames.CONNECTION);
        HttpResponse relayed =
                Heads.forClient(response, request, kind, edits, exchange.proxy().clock());
        untilClose = Heads.endsWithConnection(relayed, request);
        passing = PassingBody.watch(
                lease,
                new NettyResponseView(relayed),
                HttpUtil.isTransferEncodingChunked(relayed),
                exchange::resumption);
        answered = true;
        awaitsBody = lease.wantsBodyBeginning();
        if (!exchange.body().isReceived()) {
            tellPaused();
        }
        exchange.answering();
        request = exchange.forgetHead();
        exchange.timer().await(exchange.proxy().timeouts().streamIdle(), this::idle);
        client.write(relayed);
        EndRequest wish = exchange.endWish();
        if (wish != null) {
            endRequested(wish);
        }
    }

    @Override
    public void content(HttpContent content) {
        touch();
        showBeginning(content);
        int mayEndAfter = watch(content.content());
        EndRequest wish = mayEndAfter < 0 ? null : exchange.endWish();
        if (wish != null) {
            content.content().writerIndex(content.content().readerIndex() + mayEndAfter);
        }
        lease.streamed(content.content().readableBytes());
        client.write(content);
        if (wish != null) {
            farewell(wish);
        } else if (passing.isOverrun()) {
            exchange.cutOff();
        }
    }

    private int watch(ByteBuf bytes) {
        return passing == PassingBody.UNSEEN || !bytes.isReadable()
                ? PassingBody.NOWHERE
                : passing.pass(bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes()));
    }

    private void showBeginning(HttpContent content) {
        if (awaitsBody && content.content().isReadable()) {
            awaitsBody = false;
            lease.bodyBegins(content.content().nioBuffer());
        }
    }

    /** The stream is to end politely: at once if it can, otherwise behind the event that has begun. */
    void endRequested(EndRequest wish) {
        if (passing.mayEndHere()) {
            farewell(wish);
        }
    }

    /** The stream has used up what it may: it ends behind the event that has begun, or is broken now. */
    void exhausted(EndRequest wish) {
        if (passing.exhaust()) {
            exchange.timer().await(exchange.proxy().timeouts().streamIdle(), exchange::cutOff);
            endRequested(wish);
        } else {
            exchange.cutOff();
        }
    }

    private void farewell(EndRequest wish) {
        byte[] last = passing.farewell(wish, exchange.proxy().random());
        exchange.complete(Outcome.cancelled());
        backend.close();
        client.writeAndFlush(new DefaultLastHttpContent(Unpooled.wrappedBuffer(last)));
    }

    @Override
    public void end(LastHttpContent last) {
        showBeginning(last);
        int unused = watch(last.content());
        passing.ended();
        lease.streamed(last.content().readableBytes());
        boolean requestSent = exchange.body().isReceived();
        LastHttpContent relayed = Trailers.filter(last, responseOptions, HeaderEdits.none());
        // Everything of this exchange ends before the client may see the end and begin another one.
        exchange.complete(Outcome.success());
        backend.finish(requestSent);
        client.writeAndFlush(relayed);
    }

    @Override
    public void burstEnded() {
        client.flush();
        passing.burstEnded();
        if (client.channel().isWritable()) {
            backend.read();
        } else {
            paused = true;
            tellPaused();
        }
    }

    void clientWritabilityChanged() {
        if (paused && client.channel().isWritable()) {
            paused = false;
            tellPaused();
            backend.read();
        }
    }

    // ---- how it fails

    @Override
    public void malformed() {
        backend.close();
        fail(FailureKind.PROTOCOL);
    }

    @Override
    public void closed() {
        if (answered) {
            fail(FailureKind.TRUNCATED);
        } else if (!backend.isReused()
                || backend.hasResponseBegun()
                || !exchange.connecting().retryStale(lease)) {
            fail(FailureKind.NO_RESPONSE);
        }
    }

    /** The exchange needs this attempt no more. */
    void abort() {
        backend.close();
    }

    private void fail(FailureKind kind) {
        if (answered) {
            exchange.breakOff(Outcome.failure(kind), untilClose);
        } else {
            exchange.guarded(() -> exchange.connecting().failed(kind, exchange.isReplayable()));
        }
    }

    // While the body arrives it is the client that must not be silent, unless it is the back end that takes nothing.
    private void awaitResponse() {
        Timeouts timeouts = exchange.proxy().timeouts();
        // Who has begun to send its body waits for no 100 any more.
        boolean waits = awaitsContinue && exchange.body().isUntouched();
        if (!waits && isClientsTurn()) {
            exchange.timer().await(timeouts.requestBodyIdle(), exchange::clientLate);
        } else {
            exchange.timer().await(timeouts.firstByte(), this::late);
        }
    }

    private boolean isClientsTurn() {
        return !exchange.body().isReceived() && backend.isWritable();
    }

    private void late() {
        backend.close();
        fail(FailureKind.FIRST_BYTE_TIMEOUT);
    }

    private void idle() {
        boolean clientsFault = !client.channel().isWritable() || isClientsTurn();
        exchange.breakOff(clientsFault ? Outcome.cancelled() : Outcome.failure(FailureKind.STREAM_IDLE), untilClose);
    }

    private boolean isAnswerToOffer(HttpResponse response) {
        NettyHeaders asked = new NettyHeaders(request.headers());
        return Heads.isUpgrade(request)
                && Upgrades.isAnswer(new NettyHeaders(response.headers()), Upgrades.offered(asked));
    }

    private void switchProtocols(HttpResponse response) {
        if (!isAnswerToOffer(response)) {
            malformed();
            return;
        }
        var edits = lease.responseStarted(new NettyResponseView(response));
        exchange.answering();
        Tunnel.open(
                exchange,
                lease,
                backend,
                Heads.switching(response, edits, exchange.proxy().clock()));
    }
}
