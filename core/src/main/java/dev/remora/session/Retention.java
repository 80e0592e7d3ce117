package dev.remora.session;

import dev.remora.affinity.AffinityKey;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * For how long, and how many, bindings are remembered. Immutable; the {@code with...} methods return changed copies.
 *
 * @param idle how long a key that nobody looks for is remembered; 10 ms to 400 days
 * @param maxAge how long a key is remembered though it is looked for; without limit by default, else {@code idle} to 400
 *     days
 * @param maxEntries the most keys in this process's memory, at least 1; 100,000 by default
 * @param maxBytes about the most memory that they take in this process, at least 4,096; 64 MiB by default
 */
public record Retention(Duration idle, Optional<Duration> maxAge, long maxEntries, long maxBytes) {

    private static final Duration LEAST = Duration.ofMillis(10);
    private static final Duration MOST = Duration.ofDays(400);
    private static final long LEAST_BYTES = 4_096;
    private static final int BYTES_PER_ENTRY = 256;

    /** Creates a retention from all its parts; {@link #idle(Duration)} is the short way. */
    public Retention {
        if (idle.compareTo(Duration.ZERO) <= 0) {
            throw new IllegalArgumentException("idle: " + idle + " (expected: > 0)");
        }
        requireWithin("idle", idle, LEAST);
        Objects.requireNonNull(maxAge, "maxAge");
        if (maxAge.isPresent()) {
            requireWithin("max age", maxAge.get(), idle);
        }
        if (maxEntries < 1) {
            throw new IllegalArgumentException("maxEntries: " + maxEntries + " (expected: >= 1)");
        }
        if (maxBytes < LEAST_BYTES) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: >= " + LEAST_BYTES + ")");
        }
    }

    /** As long as somebody looks for a key at least so often, within the default bounds of memory. */
    public static Retention idle(Duration idle) {
        return new Retention(idle, Optional.empty(), 100_000, 64L << 20);
    }

    /** A copy with an absolute limit, {@link #maxAge}. */
    public Retention withMaxAge(Duration age) {
        return new Retention(idle, Optional.of(age), maxEntries, maxBytes);
    }

    /** A copy with another {@link #maxEntries}. */
    public Retention withMaxEntries(long entries) {
        return new Retention(idle, maxAge, entries, maxBytes);
    }

    /** A copy with another {@link #maxBytes}. */
    public Retention withMaxBytes(long bytes) {
        return new Retention(idle, maxAge, maxEntries, bytes);
    }

    /**
     * What an entry counts in a cache of {@link #maxBytes}: its bytes, and no less than the share that keeps their number
     * within {@link #maxEntries}. So one sum bounds both.
     */
    public int weight(AffinityKey key, Binding binding) {
        long bytes = BYTES_PER_ENTRY
                + 2L * key.text().length()
                + binding.backend().value().length();
        long share = (maxBytes + maxEntries - 1) / maxEntries;
        return (int) Math.min(Integer.MAX_VALUE, Math.max(bytes, share));
    }

    private static void requireWithin(String name, Duration duration, Duration least) {
        if (duration.compareTo(least) < 0 || duration.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: " + least + " to 400 days)");
        }
    }
}
