package dev.remora.guard;

import dev.remora.exchange.RequestView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the open streams of each key. A key is known while it has one, so there are no more keys than streams. */
final class KeyedStreamsGuard implements Guard {

    private static final Admission DENIED =
            Quotas.exceeded("too many open streams", Duration.ofSeconds(1), "open-streams");

    private final LimitKey key;
    private final int max;
    private final ConcurrentHashMap<String, Integer> open = new ConcurrentHashMap<>();

    KeyedStreamsGuard(LimitKey key, int max) {
        if (max < 1) {
            throw new IllegalArgumentException("openStreams: " + max + " (expected: >= 1)");
        }
        this.key = key;
        this.max = max;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        Optional<String> whose = key.of(request, visitor);
        if (whose.isEmpty()) {
            return Admission.admitted();
        }
        String name = whose.get();
        return enter(name) ? Admission.admitted(outcome -> leave(name)) : DENIED;
    }

    // Never above the most, not even for a moment: whoever is denied must not stand in anybody's way.
    private boolean enter(String name) {
        Integer count = open.putIfAbsent(name, 1);
        while (count != null) {
            if (count >= max) {
                return false;
            }
            if (open.replace(name, count, count + 1)) {
                return true;
            }
            count = open.get(name);
            count = count == null ? open.putIfAbsent(name, 1) : count;
        }
        return true;
    }

    private void leave(String name) {
        open.computeIfPresent(name, (same, count) -> count == 1 ? null : count - 1);
    }
}
