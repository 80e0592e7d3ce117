package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.Refusal;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Problems;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of one request to a back end: a lease, a connection, and the next ones when they fail while the client has seen
 * nothing. It holds the lease and completes it exactly once. Used on the client's event loop only.
 */
final class Route {

    private static final Logger log = LoggerFactory.getLogger(Route.class);

    private final Exchange exchange;
    private @Nullable CompletableFuture<Pick> asked;
    private @Nullable Lease lease;
    private @Nullable Future<BackendConnection> opening;
    private boolean staleRetried;
    private boolean bodyShown;

    Route(Exchange exchange) {
        this.exchange = exchange;
    }

    void begin() {
        Peer peer = exchange.peer();
        CompletableFuture<Pick> pick = Picks.ask(
                exchange.proxy().balancer(),
                new NettyRequestView(exchange.request(), peer.socketAddress(), peer.secure()),
                client().eventLoop(),
                (found, failure) -> exchange.guarded(() -> picked(found, failure)));
        // Only who waits has to be told that the client has gone.
        asked = pick.isDone() ? null : pick;
    }

    private void picked(@Nullable Pick pick, @Nullable Throwable failure) {
        asked = null;
        if (pick instanceof Lease granted) {
            if (exchange.isDone()) {
                granted.complete(Outcome.cancelled());
            } else {
                follow(granted);
            }
        } else if (pick instanceof Refusal refusal && !exchange.isDone()) {
            refused(refusal);
        } else if (failure != null && !exchange.isDone()) {
            throw new IllegalStateException("no back end was picked", failure);
        }
    }

    private void refused(Refusal refusal) {
        exchange.answer(refusal.problem(), refusal.headers());
    }

    private void follow(Lease granted) {
        lease = granted;
        granted.onEndRequested(wish ->
                Picks.execute(client().eventLoop(), () -> exchange.guarded(() -> endRequested(granted, wish))));
        int wantedBytes = bodyShown ? 0 : granted.wantsRequestBody();
        if (wantedBytes > 0) {
            exchange.gatherBody(wantedBytes);
            bodyHeld();
        } else {
            connect(granted, false);
        }
    }

    /** More of the body has arrived, and waits for a connection: the guards see it as soon as they can judge it, once. */
    void bodyHeld() {
        Lease granted = lease;
        if (granted == null
                || !exchange.body().isGathering()
                || !exchange.body().isGathered()) {
            return;
        }
        bodyShown = true;
        exchange.timer().stop();
        Optional<Refusal> refused = granted.requestBody(exchange.body().gathered());
        refused.ifPresentOrElse(this::refused, () -> connect(granted, false));
    }

    private void connect(Lease granted, boolean fresh) {
        Future<BackendConnection> connecting = exchange.proxy()
                .connect(BackendKey.of(granted.backend()), client(), fresh, exchange.isSurelyReplayable());
        opening = connecting;
        connecting.addListener(opened -> exchange.guarded(() -> connected(granted, connecting)));
    }

    private void connected(Lease granted, Future<BackendConnection> connecting) {
        opening = null;
        if (lease != granted) {
            if (connecting.isSuccess()) {
                connecting.getNow().close();
            }
        } else if (connecting.isSuccess()) {
            exchange.run(granted, connecting.getNow());
        } else {
            log.debug(
                    "back end {} could not be reached: {}",
                    granted.backend().id(),
                    connecting.cause().toString());
            boolean never = connecting.cause() instanceof NoConnectionLeft;
            failed(
                    never ? FailureKind.SATURATED : FailureKind.CONNECT,
                    exchange.body().isUntouched());
        }
    }

    /** A connection from the pool turned out to be closed: the request goes to the same back end on a fresh one, once. */
    boolean retryStale(Lease granted) {
        if (staleRetried || !exchange.isReplayable()) {
            return false;
        }
        staleRetried = true;
        exchange.attemptEnded();
        connect(granted, true);
        return true;
    }

    /** An attempt failed before the client saw anything. */
    void failed(FailureKind kind, boolean mayMove) {
        Lease ended = lease;
        exchange.attemptEnded();
        if (ended == null) {
            return;
        }
        lease = null;
        if (!mayMove) {
            ended.complete(Outcome.failure(kind));
            exchange.answer(Problems.of(kind));
            return;
        }
        Pick next = ended.retry(new Outcome.Failure(kind));
        if (next instanceof Lease granted) {
            follow(granted);
        } else if (next instanceof Refusal refusal && refusal.reason() == Refusal.Reason.SATURATED) {
            refused(refusal);
        } else {
            exchange.answer(Problems.of(kind));
        }
    }

    /** The exchange has ended, and so does the lease. */
    void end(Outcome outcome) {
        Lease ended = lease;
        Future<BackendConnection> connecting = opening;
        CompletableFuture<Pick> asking = asked;
        lease = null;
        opening = null;
        asked = null;
        if (asking != null) {
            asking.cancel(false);
        }
        if (connecting != null) {
            connecting.cancel(false);
        }
        if (ended != null) {
            ended.complete(outcome);
        }
    }

    /** Somebody else completes the lease. */
    void handOver() {
        lease = null;
    }

    private void endRequested(Lease granted, EndRequest wish) {
        if (lease == granted) {
            exchange.endRequested(wish);
        }
    }

    /** What the balancer wishes of the lease in hand now: a wish may be taken back. */
    @Nullable
    EndRequest endWish() {
        return lease == null ? null : lease.endRequest().orElse(null);
    }

    private Channel client() {
        return exchange.client().channel();
    }
}
