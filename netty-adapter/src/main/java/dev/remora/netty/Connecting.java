package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.Refusal;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.relay.Route;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one request to a connection: it follows a {@link Route}, lets the guards see the body, and opens a connection for each
 * lease, and a fresh one where a kept one turned out to be closed. Used on the client's event loop only.
 */
final class Connecting implements Route.Traveller {

    private static final Logger log = LoggerFactory.getLogger(Connecting.class);

    private final Exchange exchange;
    private final Route route;
    private @Nullable Future<BackendConnection> opening;
    private boolean staleRetried;
    private boolean bodyShown;

    Connecting(Exchange exchange) {
        this.exchange = exchange;
        this.route = new Route(this, this::later);
    }

    // What the balancer says when the loop is gone finds an exchange that is done.
    private void later(Runnable step) {
        if (!EventLoops.execute(client().eventLoop(), () -> exchange.guarded(step))) {
            exchange.guarded(step);
        }
    }

    void begin() {
        Peer peer = exchange.peer();
        NettyRequestView view = new NettyRequestView(exchange.request(), peer.socketAddress(), peer.secure());
        CompletableFuture<Pick> question =
                exchange.proxy().balancer().acquire(view, client().eventLoop()).toCompletableFuture();
        exchange.guarded(() -> route.begin(question));
    }

    @Override
    public boolean isDone() {
        return exchange.isDone();
    }

    @Override
    public void granted(Lease granted) {
        int wantedBytes = bodyShown ? 0 : granted.wantsRequestBody();
        if (wantedBytes > 0) {
            exchange.gatherBody(wantedBytes);
            bodyHeld();
        } else {
            connect(granted, false);
        }
    }

    @Override
    public void answer(Problem problem, HeaderEdits headers) {
        exchange.answer(problem, headers);
    }

    @Override
    public void endRequested(EndRequest wish) {
        exchange.endRequested(wish);
    }

    @Override
    public void crashed(Throwable failure) {
        throw new IllegalStateException("no back end was picked", failure);
    }

    /** More of the body has arrived, and waits for a connection: the guards see it as soon as they can judge it, once. */
    void bodyHeld() {
        Lease granted = route.lease().orElse(null);
        if (granted == null
                || !exchange.body().isGathering()
                || !exchange.body().isGathered()) {
            return;
        }
        bodyShown = true;
        exchange.timer().stop();
        Optional<Refusal> refused = granted.requestBody(exchange.body().gathered());
        refused.ifPresentOrElse(route::refused, () -> connect(granted, false));
    }

    private void connect(Lease granted, boolean fresh) {
        Future<BackendConnection> connecting = exchange.proxy()
                .connect(BackendKey.of(granted.backend()), client(), fresh, exchange.isSurelyReplayable());
        opening = connecting;
        connecting.addListener(opened -> exchange.guarded(() -> connected(granted, connecting)));
    }

    private void connected(Lease granted, Future<BackendConnection> connecting) {
        if (opening != connecting) {
            if (connecting.isSuccess()) {
                connecting.getNow().close();
            }
            return;
        }
        opening = null;
        if (connecting.isSuccess()) {
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
        exchange.attemptEnded();
        route.failed(kind, mayMove);
    }

    /** The exchange has ended, and so does the lease. */
    void end(Outcome outcome) {
        Future<BackendConnection> connecting = opening;
        opening = null;
        if (connecting != null) {
            connecting.cancel(false);
        }
        route.end(outcome);
    }

    /** Somebody else completes the lease. */
    void handOver() {
        route.handOver();
    }

    /** What the balancer wishes of the lease in hand now. */
    @Nullable
    EndRequest endWish() {
        return route.endWish().orElse(null);
    }

    private Channel client() {
        return exchange.client().channel();
    }
}
