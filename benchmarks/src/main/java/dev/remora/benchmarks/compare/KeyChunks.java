package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Keys;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The keys that are dealt out to every contender, made once. Thread-safe. */
final class KeyChunks {

    static final int SIZE = 1 << 16;

    private static final Map<Integer, Keys> MADE = new ConcurrentHashMap<>();

    private KeyChunks() {}

    static Keys get(int chunk) {
        return MADE.computeIfAbsent(chunk, seed -> new Keys(SIZE, seed));
    }
}
