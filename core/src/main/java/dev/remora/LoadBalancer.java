package dev.remora;

import dev.remora.exchange.RequestView;
import dev.remora.http.TrustedProxies;
import dev.remora.pool.BackendId;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Decides which back end serves a request, and keeps it there for as long as the stream lives.
 *
 * <pre>{@code
 * LoadBalancer balancer = LoadBalancer.builder()
 *         .backends(Backend.of("a", "http://10.0.0.1:8080"), Backend.of("b", "http://10.0.0.2:8080"))
 *         .stickyCookie(StickyCookie.signedWith(key))
 *         .build();
 *
 * Pick pick = balancer.tryAcquire(request);
 * if (pick instanceof Lease lease) {
 *     String answer = lease.call(backend -> ask(backend.uri(), request));
 * } else if (pick instanceof Refusal refusal) {
 *     respond(refusal.problem());
 * }
 * }</pre>
 *
 * <p>Thread-safe. It owns its threads: close it when it is no longer needed.
 */
public final class LoadBalancer implements AutoCloseable {

    private final Engine engine;

    LoadBalancer(Engine engine) {
        this.engine = engine;
    }

    /** A builder with defaults that are right for chat traffic; only back ends must be given. */
    public static LoadBalancerBuilder builder() {
        return new LoadBalancerBuilder();
    }

    /**
     * Picks a back end for a request. Never blocks. The stage is complete already when the answer is known in this
     * process and nobody has to wait. It completes later when a shared session map must be asked, within that map's
     * deadline, or when the request waits for a place ({@link LoadBalancerBuilder#waiting}), within that one's; then on
     * whichever thread brings the answer: one of the map, of the balancer, or one that ends another stream. What is
     * chained to the stage must not block there.
     *
     * <p>A caller that needs the answer no more ends the stage by {@code toCompletableFuture().cancel(..)}, or in any other
     * way: then nothing is held any more, and a place that was found meanwhile is given back. Only what strategies and
     * other code of the user throw is thrown here, or completes the stage exceptionally.
     *
     * @param request read during this call only
     */
    public CompletionStage<Pick> acquire(RequestView request) {
        return engine.acquire(request, Runnable::run);
    }

    /**
     * As {@link #acquire(RequestView)}; a stage that is not complete yet completes on an executor, an event loop for
     * example.
     *
     * @param request read during this call only
     * @param executor when it rejects the answer, the place is given back and the stage fails with the rejection
     */
    public CompletionStage<Pick> acquire(RequestView request, Executor executor) {
        return engine.acquire(request, executor);
    }

    /**
     * As {@link #acquire(RequestView)}, for callers that cannot wait: what is not known in this process counts as unknown,
     * and where others would wait, or wait already, the answer is {@link Refusal.Reason#SATURATED}.
     *
     * @param request read during this call only
     */
    public Pick tryAcquire(RequestView request) {
        return engine.tryAcquire(request);
    }

    /**
     * Drains a back end. From this call on no new client gets there; the {@link Drain plan} says how long bound clients are
     * served and open streams last. After the soft deadline bound clients are treated as those of a back end that is gone:
     * they are rebound, or refused with {@link dev.remora.affinity.StickyFallback#REFUSE}, until the drain is cancelled. A
     * later drain of the same back end replaces this one, with deadlines of its own. Each gateway drains for itself.
     *
     * @param id a back end of the source, or one that has left it with streams open
     * @throws IllegalArgumentException if it is not known
     */
    public Draining drain(String id, Drain plan) {
        return drain(new BackendId(id), plan);
    }

    /** As {@link #drain(String, Drain)}. */
    public Draining drain(BackendId id, Drain plan) {
        return engine.ends().drain(id, plan);
    }

    /**
     * Shuts the balancer down gracefully, by the machinery of a drain: the back ends are well, so until the soft deadline
     * every request is served, while those in front learn to look elsewhere; after it new requests are refused
     * ({@link Refusal.Reason#CLOSED}) and open streams are asked to end ({@link EndRequest.Reason#SHUTDOWN}). What was
     * admitted before may still be tried on another back end. When no stream is open any more, {@link #close} is due.
     */
    public Draining shutdown(Drain plan) {
        return engine.ends().shutdown(plan);
    }

    /** The proxies in front of this gateway whose forwarding headers are believed. */
    public TrustedProxies trustedProxies() {
        return engine.trustedProxies();
    }

    /** A picture of the pool as it is now. */
    public BalancerStats stats() {
        return engine.stats();
    }

    /**
     * Refuses new requests, asks every open stream to end at once ({@link Lease#onEndRequested}), and stops probes and
     * threads. Leases stay valid and are still to be completed. Closing twice is harmless.
     */
    @Override
    public void close() {
        engine.close();
    }
}
