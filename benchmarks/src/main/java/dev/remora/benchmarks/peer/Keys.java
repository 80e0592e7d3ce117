package dev.remora.benchmarks.peer;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.util.SplittableRandom;

/** Affinity keys that were made beforehand: 24 characters each, and a 64-bit hash of each. Immutable. */
public final class Keys {

    private static final Hasher64 FAST_HASH = Hashing.wyhashFinal4();
    private static final int LENGTH = 24;
    private static final String ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

    private final String[] texts;
    private final long[] hashes;

    /**
     * Draws keys.
     *
     * @param size how many
     * @param seed the same seed gives the same keys
     */
    public Keys(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        texts = new String[size];
        hashes = new long[size];
        for (int i = 0; i < size; i++) {
            texts[i] = text(random);
            hashes[i] = hash(texts[i]);
        }
    }

    /** How many there are. */
    public int size() {
        return texts.length;
    }

    String text(int key) {
        return texts[key];
    }

    long hash(int key) {
        return hashes[key];
    }

    /** The hash for all peers that want a hash and bring no function for it: one of the fastest there are. */
    static long hash(String text) {
        return FAST_HASH.hashCharsToLong(text);
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
