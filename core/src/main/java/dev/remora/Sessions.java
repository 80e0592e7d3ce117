package dev.remora;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.StickyFallback;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.SessionMap;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the engine asks of the session map, and when. */
final class Sessions {

    private static final Logger log = LoggerFactory.getLogger(SessionMap.class);

    private final SessionMap map;
    private final StickyFallback fallback;
    private final Placement placement;

    Sessions(SessionMap map, StickyFallback fallback, Placement placement) {
        this.map = map;
        this.fallback = fallback;
        this.placement = placement;
    }

    Duration idle() {
        return map.idle();
    }

    /** Whether the map decides on this request: it has a key, and no cookie that knows better. */
    boolean concern(Attempt attempt) {
        return attempt.key.isPresent() && attempt.tie.isEmpty();
    }

    /** What is known here of the request's key; nothing is asked. */
    void recall(Attempt attempt) {
        try {
            attempt.bind(map.peek(attempt.key.orElseThrow()));
        } catch (RuntimeException e) {
            logThrown(e);
        }
    }

    /** Whether only the store can say if the request's key is bound. */
    boolean mustAsk(Attempt attempt) {
        return concern(attempt) && attempt.binding().isEmpty() && !map.knowsAll();
    }

    CompletableFuture<Optional<Binding>> find(AffinityKey key) {
        return guarded(() -> map.find(key)).exceptionally(failure -> Optional.empty());
    }

    /** Whether the place that was found is news to the map. */
    boolean mustLearn(StreamLease lease) {
        Attempt attempt = lease.attempt;
        return concern(attempt)
                && attempt.binding()
                        .map(known -> !known.backend().equals(lease.backend().id()) && fallback != StickyFallback.SPILL)
                        .orElse(true);
    }

    /** Binds the request's key to the place that was found, if nobody was faster; nothing when the map cannot say. */
    CompletableFuture<Optional<Binding>> learn(StreamLease lease) {
        AffinityKey key = lease.attempt.key.orElseThrow();
        Optional<Binding> known = lease.attempt.binding();
        BackendId place = lease.backend().id();
        return known.isPresent()
                ? guarded(() -> map.rebind(key, known.get().fence(), place))
                        .handle((winner, failure) -> Optional.ofNullable(winner))
                : guarded(() -> map.bind(key, place)).exceptionally(failure -> Optional.empty());
    }

    /** Binds the request's key to the place that was found by a hash of the key, without an answer from the store. */
    Optional<Binding> presume(StreamLease lease) {
        return guarded(() -> CompletableFuture.completedFuture(map.presume(
                        lease.attempt.key.orElseThrow(), lease.backend().id())))
                .handle((winner, failure) -> Optional.ofNullable(winner))
                .join();
    }

    /** A back end has made a key by which its client will be known: it is bound there, behind the back of the response. */
    void learnIssued(StreamLease lease, AffinityKey issued) {
        if (lease.attempt.key.filter(issued::equals).isPresent()) {
            return;
        }
        BackendId place = lease.backend().id();
        CompletableFuture<Void> unused = guarded(() -> map.bind(issued, place)).thenAccept(winner -> {
            if (winner.isEmpty()) {
                map.presume(issued, place);
            }
        });
    }

    /** The request's stream is open, or has just ended: the time that its key is remembered begins anew. */
    void touch(Attempt attempt) {
        if (concern(attempt)) {
            try {
                map.touch(attempt.key.orElseThrow());
            } catch (RuntimeException e) {
                logThrown(e);
            }
        }
    }

    /** As {@link #learn}, for who cannot wait: what the map has not answered by now, it is told behind our back. */
    StreamLease agreeNow(StreamLease lease) {
        if (!mustLearn(lease)) {
            return lease;
        }
        Optional<Binding> winner =
                mustAsk(lease.attempt) ? presume(lease) : learn(lease).getNow(Optional.empty());
        return winner.isPresent() ? follow(lease, winner.get()) : lease;
    }

    /**
     * The first writer wins: who lost the race leaves its place and enters the winner's, if that can serve. When a
     * strategy throws meanwhile, the place is left too.
     */
    StreamLease follow(StreamLease lease, Binding winner) {
        Attempt attempt = lease.attempt;
        attempt.bind(Optional.of(winner));
        if (winner.backend().equals(lease.backend().id())) {
            return lease;
        }
        StreamLease other;
        try {
            other = placement.enterBound(attempt, attempt.generation(), winner.backend());
        } catch (RuntimeException | Error e) {
            lease.vacate();
            throw e;
        }
        if (other == null) {
            return lease;
        }
        lease.vacate();
        return other;
    }

    // A map that breaks its promise and throws must not cost a request, nor leave its stream counted for ever.
    private static <T> CompletableFuture<T> guarded(Supplier<CompletionStage<T>> question) {
        try {
            return question.get().toCompletableFuture();
        } catch (RuntimeException e) {
            logThrown(e);
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void logThrown(RuntimeException e) {
        log.warn("a session map threw; the request goes on without it", e);
    }
}
