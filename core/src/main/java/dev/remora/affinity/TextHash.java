package dev.remora.affinity;

/**
 * A fast 64-bit hash of text, the same in every JVM. Four UTF-16 code units are read as one word, and pairs of words are
 * mixed by a 128-bit multiplication whose halves are folded together, as wyhash does it. Not for secrets: who knows it
 * can find texts that collide.
 */
final class TextHash {

    private static final long P0 = 0xa0761d6478bd642fL;
    private static final long P1 = 0xe7037ed1a0b428dbL;
    private static final long P2 = 0x8ebc6af09c88c6e3L;

    private TextHash() {}

    static long of(String text) {
        return of(text, 0, text.length());
    }

    /** The hash of a part of a text. */
    static long of(String text, int from, int to) {
        int length = to - from;
        long hash = length ^ P2;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            hash = fold(word(text, i) ^ P0, word(text, i + 4) ^ hash);
        }
        long first = 0;
        if (i + 4 <= to) {
            first = word(text, i);
            i += 4;
        }
        long rest = 0;
        for (; i < to; i++) {
            rest = rest << 16 | text.charAt(i);
        }
        return fold(P1 ^ length, fold(first ^ P0, rest ^ hash));
    }

    private static long word(String text, int at) {
        return (long) text.charAt(at) << 48
                | (long) text.charAt(at + 1) << 32
                | (long) text.charAt(at + 2) << 16
                | text.charAt(at + 3);
    }

    private static long fold(long a, long b) {
        return Math.multiplyHigh(a, b) ^ a * b;
    }
}
