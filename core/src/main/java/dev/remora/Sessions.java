package dev.remora;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.StickyFallback;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.SessionMap;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What the engine asks of the session map, and when. */
final class Sessions {

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

    CompletionStage<Optional<Binding>> find(AffinityKey key) {
        return map.find(key);
    }

    Optional<Binding> peek(AffinityKey key) {
        return map.peek(key);
    }

    /** Whether the place that was found is news to the map. */
    boolean mustLearn(Attempt attempt, BackendId place) {
        if (!concern(attempt)) {
            return false;
        }
        return attempt.binding
                .map(known -> !known.backend().equals(place) && fallback != StickyFallback.SPILL)
                .orElse(true);
    }

    /** Binds the request's key to the place that was found, if nobody was faster. */
    CompletionStage<Binding> learn(Attempt attempt, BackendId place) {
        AffinityKey key = attempt.key.orElseThrow();
        return attempt.binding.isPresent()
                ? map.rebind(key, attempt.binding.get().fence(), place)
                : map.bind(key, place);
    }
}
