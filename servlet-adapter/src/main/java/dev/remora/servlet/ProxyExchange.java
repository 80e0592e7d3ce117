package dev.remora.servlet;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.http.Problems;
import dev.remora.http.RequestRules;
import dev.remora.relay.PassingBody;
import dev.remora.relay.Resumption;
import dev.remora.relay.Route;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer: its {@link Route} finds a back end, an {@link Attempt} asks it, and what flows goes through a
 * {@link RequestBody} one way and an {@link AnswerOutput} the other, each side read only as fast as the other takes.
 *
 * <p>All of it happens in one {@link Serial}; container, HTTP client, balancer and timers only bring steps to it. Nothing is
 * left when it has ended.
 */
final class ProxyExchange
        implements Route.Traveller, RequestBody.Listener, Attempt.Listener, AnswerOutput.Listener, ClientSide.Listener {

    private static final Logger log = LoggerFactory.getLogger(ProxyExchange.class);

    private final ProxySettings proxy;
    private ProxiedRequest request;
    private final ClientSide client;
    private final Serial serial;
    private final StreamTimer timer;
    private final RequestBody body;
    private final Route route;

    private @Nullable Lease lease;
    private @Nullable Attempt attempt;
    private @Nullable AnswerHead relayed;
    private @Nullable AnswerOutput output;
    private PassingBody passing = PassingBody.UNSEEN;
    private boolean bodyShown;
    private boolean staleRetried;
    private boolean beginningWanted;
    private boolean paused;
    private boolean done;

    /** An exchange for a request that is asynchronous now. */
    ProxyExchange(ProxySettings proxy, ProxiedRequest request, ClientSide client) {
        this.proxy = proxy;
        this.request = request;
        this.client = client;
        this.serial = new Serial(this::crashed);
        this.timer = new StreamTimer(serial, proxy.scheduler(), proxy.clock());
        this.body = new RequestBody(
                this, serial, client::input, request.bodyBytes(), proxy.replayableBytes(), proxy.maxRequestBodyBytes());
        this.route = new Route(this, serial);
    }

    /** Goes on with what the balancer says. */
    void begin(CompletableFuture<Pick> question) {
        client.listen(this, serial);
        serial.execute(() -> route.begin(question));
    }

    @Override
    public boolean isDone() {
        return done;
    }

    // ---- towards the back end

    @Override
    public void granted(Lease granted) {
        lease = granted;
        int shownBytes = bodyShown ? 0 : granted.wantsRequestBody();
        int wantedBytes = Math.max(shownBytes, request.isBodyUncertain() ? 1 : 0);
        bodyShown |= shownBytes == 0;
        if (wantedBytes > 0) {
            timer.await(proxy.timeouts().requestBodyIdle(), this::clientLate);
            body.gather(wantedBytes);
        } else {
            ask(granted);
        }
    }

    @Override
    public void bodyGathered(ByteBuffer beginning) {
        Lease granted = lease;
        if (done || granted == null) {
            return;
        }
        timer.stop();
        if (body.isEmpty()) {
            request = request.withoutBody();
        }
        boolean shown = bodyShown;
        bodyShown = true;
        if (shown) {
            ask(granted);
        } else {
            granted.requestBody(beginning).ifPresentOrElse(route::refused, () -> ask(granted));
        }
    }

    private void ask(Lease granted) {
        Attempt next = new Attempt(this, serial);
        attempt = next;
        awaitAnswer();
        next.begin(proxy, granted, request, body);
    }

    @Override
    public void bodyMoved() {
        if (done) {
            return;
        }
        if (attempt == null || output != null) {
            touch();
            tellPaused();
        } else {
            awaitAnswer();
        }
    }

    // While the body arrives it is the client that must not be silent, unless it is the back end that takes nothing.
    private void awaitAnswer() {
        if (body.isClientsTurn()) {
            timer.await(proxy.timeouts().requestBodyIdle(), this::clientLate);
        } else {
            timer.await(proxy.timeouts().firstByte(), this::answerLate);
        }
    }

    // A client that has only half gone, or sent what is none, must not take an empty answer for a success.
    @Override
    public void bodyBroken() {
        if (client.isGone()) {
            clientGone();
        } else if (output == null) {
            lastAnswer(RequestRules.bodyBroken().problem());
        } else {
            breakOff(Outcome.cancelled());
        }
    }

    @Override
    public void bodyTooLong() {
        Problem problem = RequestRules.bodyTooLarge(proxy.maxRequestBodyBytes()).problem();
        if (output == null) {
            lastAnswer(problem);
        } else {
            breakOff(Outcome.cancelled());
        }
    }

    // ---- towards the client

    @Override
    public void head(Attempt answering, ResponseInfo info) {
        AnswerHead head = AnswerHead.of(info);
        Lease asked = lease;
        if (asked == null) {
            return;
        }
        if (!head.isValid()) {
            answering.abort();
            failed(FailureKind.PROTOCOL);
            return;
        }
        proxy.client().answered(asked.backend());
        HeaderEdits edits = asked.responseStarted(head);
        beginningWanted = asked.wantsBodyBeginning();
        passing = PassingBody.watch(asked, head, head.isOpen(request), this::resumption);
        body.forget();
        try {
            relayed = head;
            client.answer(head, edits, request.asksToClose() && head.isOpen(request));
            AnswerOutput writing = new AnswerOutput(this, serial, client.output());
            output = writing;
            timer.await(proxy.timeouts().streamIdle(), this::idle);
            tellPaused();
            writing.begin(head.isLarge());
        } catch (IOException e) {
            clientGone();
        }
        route.endWish().ifPresent(this::endRequested);
    }

    private Resumption resumption() {
        return proxy.resumable().test(request) ? Resumption.ALWAYS : Resumption.of(request.method());
    }

    @Override
    public void content(List<ByteBuffer> burst) {
        Lease streaming = lease;
        AnswerOutput writing = output;
        if (streaming == null || writing == null) {
            return;
        }
        touch();
        List<ByteBuffer> passed = new ArrayList<>(burst.size());
        EndRequest wish = null;
        for (int i = 0; i < burst.size() && wish == null; i++) {
            ByteBuffer piece = burst.get(i);
            wish = pass(streaming, piece);
            passed.add(piece);
        }
        passing.burstEnded();
        if (wish != null) {
            writing.write(passed);
            farewell(wish);
        } else if (passing.isOverrun()) {
            breakOff(Outcome.cancelled());
        } else {
            paused = true;
            writing.write(passed);
            tellPaused();
        }
    }

    /** Looks at a piece; when the stream may end in it, and shall, the piece ends there. */
    private @Nullable EndRequest pass(Lease streaming, ByteBuffer piece) {
        if (beginningWanted && piece.hasRemaining()) {
            beginningWanted = false;
            streaming.bodyBegins(piece.asReadOnlyBuffer());
        }
        int mayEndAfter = passing.pass(piece);
        EndRequest wish = mayEndAfter < 0 ? null : route.endWish().orElse(null);
        if (wish != null) {
            piece.limit(piece.position() + mayEndAfter);
        }
        streaming.streamed(piece.remaining());
        return wish;
    }

    @Override
    public void outputIdle() {
        touch();
        paused = false;
        tellPaused();
        if (attempt != null) {
            attempt.demand();
        }
    }

    // Who waits for the client, to take what is there or to send the rest, does not stall.
    private void tellPaused() {
        if (lease != null && output != null) {
            lease.paused(paused || !body.isReceived());
        }
    }

    // A stream that has only to come to its end wins no time.
    private void touch() {
        if (!passing.isExhausted()) {
            timer.touch();
        }
    }

    @Override
    public void bodyEnded() {
        passing.ended();
        endAnswer(Outcome.success(), new byte[0]);
    }

    private void farewell(EndRequest wish) {
        endAnswer(Outcome.cancelled(), passing.farewell(wish, proxy.random()));
    }

    // The lease ends before the client may see the end and begin another request. What is written leaves without it,
    // but a client that takes nothing is not waited for without end.
    private void endAnswer(Outcome outcome, byte[] last) {
        AnswerOutput writing = output;
        end(outcome);
        if (writing != null) {
            timer.await(proxy.timeouts().streamIdle(), () -> breakOff(Outcome.cancelled()));
            writing.end(last);
        }
    }

    @Override
    public void outputEnded() {
        timer.stop();
        client.complete();
    }

    @Override
    public void outputBroken() {
        clientGone();
    }

    // ---- how it fails

    @Override
    public void failed(FailureKind kind) {
        if (output != null) {
            breakOff(Outcome.failure(kind));
            return;
        }
        if (kind == FailureKind.NO_RESPONSE && retryStale()) {
            return;
        }
        boolean untouched = body.isUntouched();
        boolean mayMove = kind == FailureKind.CONNECT ? untouched || isReplayable() : isReplayable();
        attempt = null;
        lease = null;
        timer.stop();
        body.rewind();
        route.failed(kind, mayMove);
    }

    // A kept connection may turn out to be closed: the request goes to the same back end again, once. The HTTP client
    // does not say whether it was a kept one, but the first ever was not.
    private boolean retryStale() {
        Lease granted = lease;
        if (staleRetried
                || granted == null
                || !isReplayable()
                || !proxy.client().mayHaveKept(granted.backend())) {
            return false;
        }
        staleRetried = true;
        body.rewind();
        ask(granted);
        return true;
    }

    /** Whether the request may be sent a second time, to any back end. */
    private boolean isReplayable() {
        if (proxy.replayableBytes() > 0) {
            return body.isWhole();
        }
        return request.isIdempotent() && !request.hasBody();
    }

    private void answerLate() {
        abortAttempt();
        failed(FailureKind.FIRST_BYTE_TIMEOUT);
    }

    private void idle() {
        boolean clientsFault = paused || body.isClientsTurn();
        breakOff(clientsFault ? Outcome.cancelled() : Outcome.failure(FailureKind.STREAM_IDLE));
    }

    private void clientLate() {
        lastAnswer(Problems.requestTimeout());
    }

    private void lastAnswer(Problem problem) {
        answer(problem, headers -> headers.set("connection", "close"));
    }

    @Override
    public void answer(Problem problem, HeaderEdits headers) {
        end(Outcome.cancelled());
        client.answer(problem, headers);
    }

    /** The stream ends while the client has only a part of the answer: it must see that. */
    private void breakOff(Outcome outcome) {
        abandonOutput();
        end(outcome);
        client.breakOff();
    }

    @Override
    public void clientGone() {
        abandonOutput();
        end(Outcome.cancelled());
        client.complete();
    }

    @Override
    public void proxyGone() {
        if (done) {
            return;
        }
        if (output == null) {
            answer(Problems.unavailable(Duration.ZERO), HeaderEdits.none());
        } else {
            breakOff(Outcome.cancelled());
        }
    }

    @Override
    public void endRequested(EndRequest wish) {
        if (wish.urgency() == EndRequest.Urgency.POLITE) {
            if (output != null && passing.mayEndHere()) {
                farewell(wish);
            }
        } else if (output != null && wish.reason() == EndRequest.Reason.EXHAUSTED) {
            exhausted(wish);
        } else if (output != null) {
            breakOff(Outcome.cancelled());
        } else {
            answer(Problems.unavailable(wish.retryAfter()), HeaderEdits.none());
        }
    }

    // It ends behind the event that has begun, or is broken now.
    private void exhausted(EndRequest wish) {
        if (!passing.exhaust()) {
            breakOff(Outcome.cancelled());
            return;
        }
        timer.await(proxy.timeouts().streamIdle(), () -> breakOff(Outcome.cancelled()));
        if (passing.mayEndHere()) {
            farewell(wish);
        }
    }

    @Override
    public void crashed(Throwable failure) {
        if (done || client.isGone()) {
            // A container may take its objects back while the end of a request is still on its way here.
            log.debug("a request that is over failed", failure);
        } else {
            log.warn("relaying failed", failure);
        }
        if (client.isGone()) {
            clientGone();
        } else if (output == null && !done) {
            answer(Problems.internalError(), HeaderEdits.none());
        } else if (relayed != null && !done && client.isUntold()) {
            abandonOutput();
            end(Outcome.failure(FailureKind.PROTOCOL));
            client.answerInstead(Problems.of(FailureKind.PROTOCOL), relayed);
        } else {
            breakOff(Outcome.cancelled());
        }
    }

    // ---- how it ends

    private void abortAttempt() {
        if (attempt != null) {
            attempt.abort();
            attempt = null;
        }
    }

    private void abandonOutput() {
        timer.stop();
        if (output != null) {
            output.abandon();
        }
    }

    private void end(Outcome outcome) {
        timer.stop();
        if (done) {
            return;
        }
        done = true;
        lease = null;
        try {
            abortAttempt();
            body.end();
            route.end(outcome);
        } finally {
            // Last, so that nothing is held any more when nothing is counted.
            client.streamEnded();
        }
    }
}
