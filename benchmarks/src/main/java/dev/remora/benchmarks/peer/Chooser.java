package dev.remora.benchmarks.peer;

/**
 * One thread's way into a contender. A contender implements the kinds of choice that it knows; the others throw
 * {@link UnsupportedOperationException}.
 */
public interface Chooser {

    /**
     * A choice for a request without a key.
     *
     * @return the id of the member
     */
    default int withoutKey() {
        throw new UnsupportedOperationException("it chooses by key only");
    }

    /**
     * A choice for a request whose key has been hashed before.
     *
     * @param key the place of the key among the {@link Keys}
     * @return the id of the member
     */
    default int byHash(int key) {
        throw new UnsupportedOperationException("it takes no ready hash");
    }

    /**
     * A choice for a request whose key is a text.
     *
     * @param key the place of the key among the {@link Keys}
     * @return the id of the member
     */
    default int byText(int key) {
        throw new UnsupportedOperationException("it takes no text");
    }

    /**
     * Chooses, and opens a stream there as the contender counts streams.
     *
     * @param key the place of the key among the {@link Keys}; contenders that know no keys ignore it
     */
    default OpenStream open(int key) {
        throw new UnsupportedOperationException("it counts no streams");
    }
}
