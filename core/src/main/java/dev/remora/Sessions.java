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

    Sessions(SessionMap map, StickyFallback fallback) {
        this.map = map;
        this.fallback = fallback;
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
    boolean mustLearn(Attempt attempt, BackendId place) {
        if (!concern(attempt)) {
            return false;
        }
        return attempt.binding()
                .map(known -> !known.backend().equals(place) && fallback != StickyFallback.SPILL)
                .orElse(true);
    }

    /** Binds the request's key to the place that was found, if nobody was faster. */
    CompletableFuture<Binding> learn(Attempt attempt, BackendId place) {
        AffinityKey key = attempt.key.orElseThrow();
        return guarded(() -> attempt.binding().isPresent()
                ? map.rebind(key, attempt.binding().get().fence(), place)
                : map.bind(key, place));
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
