package dev.remora;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.StickyFallback;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.SessionMap;
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

    /** Whether the map decides on this request: it has a key, and no cookie that knows better. */
    boolean concern(Attempt attempt) {
        return attempt.key.isPresent() && attempt.tie.isEmpty();
    }

    CompletableFuture<Optional<Binding>> find(AffinityKey key) {
        return guarded(() -> map.find(key)).exceptionally(failure -> Optional.empty());
    }

    Optional<Binding> peek(AffinityKey key) {
        return guarded(() -> CompletableFuture.completedFuture(map.peek(key)))
                .exceptionally(failure -> Optional.empty())
                .join();
    }

    /** Whether the place that was found is news to the map. */
    boolean mustLearn(StreamLease lease) {
        Attempt attempt = lease.attempt;
        return concern(attempt)
                && attempt.binding()
                        .map(known -> !known.backend().equals(lease.backend().id()) && fallback != StickyFallback.SPILL)
                        .orElse(true);
    }

    /** Binds the request's key to the place that was found, if nobody was faster; nothing when the map failed. */
    CompletableFuture<Optional<Binding>> learn(StreamLease lease) {
        AffinityKey key = lease.attempt.key.orElseThrow();
        Optional<Binding> known = lease.attempt.binding();
        BackendId place = lease.backend().id();
        return guarded(() -> known.isPresent() ? map.rebind(key, known.get().fence(), place) : map.bind(key, place))
                .handle((winner, failure) -> Optional.ofNullable(winner));
    }

    /** As {@link #learn}, for who cannot wait: what the map has not answered by now, it is told behind our back. */
    StreamLease agreeNow(StreamLease lease) {
        if (!mustLearn(lease)) {
            return lease;
        }
        Optional<Binding> winner = learn(lease).getNow(Optional.empty());
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
            log.warn("a session map threw; the request goes on without it", e);
            return CompletableFuture.failedFuture(e);
        }
    }
}
