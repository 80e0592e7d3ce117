package dev.remora.guard;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys in a map by their hashes. How long a look-up takes may tell how far two hashes agree, but not the key: whoever could
 * choose keys by the beginning of their hash would still have to invert SHA-256 to learn one from a hash that is known.
 */
final class HashedKeys implements ApiKeys {

    private final Map<String, Caller> callers;

    private HashedKeys(Map<String, Caller> callers) {
        this.callers = callers;
    }

    static HashedKeys of(Collection<ApiKey> keys) {
        Map<String, Caller> callers = new HashMap<>();
        for (ApiKey key : keys) {
            if (callers.put(key.sha256(), new Caller(key.label(), key.plan())) != null) {
                throw new IllegalArgumentException(
                        "api keys: the one of " + key.label() + " again (expected: each once)");
            }
        }
        return new HashedKeys(callers);
    }

    static ApiKeys lines(String text) {
        return of(TextLines.read(text, HashedKeys::line));
    }

    // Nothing of a bad line is repeated: there may be a key in it.
    private static ApiKey line(String line) {
        List<String> fields = List.of(line.split("\\s+"));
        if (fields.size() != 3) {
            throw new IllegalArgumentException(fields.size() + " fields (expected: label, plan and sha256)");
        }
        return new ApiKey(fields.get(0), fields.get(1), fields.get(2));
    }

    @Override
    public Optional<Caller> caller(String sha256) {
        return Optional.ofNullable(callers.get(sha256));
    }
}
