package dev.remora.examples.replay;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Finds the {@code data:} lines of an event stream in whatever pieces it arrives. Not thread-safe. */
final class EventScanner {

    private static final byte[] FIELD = {'d', 'a', 't', 'a', ':'};
    private static final int MAX_LINE_BYTES = 1 << 20;

    /** Takes what stands behind {@code data:}; the bytes are valid during the call only. */
    interface Receiver {
        void data(byte[] bytes, int from, int to);
    }

    private final Receiver receiver;
    private byte[] line = new byte[512];
    private int length;

    EventScanner(Receiver receiver) {
        this.receiver = receiver;
    }

    /**
     * Takes the next piece, wholly.
     *
     * @throws IllegalStateException when a line is longer than 1 MiB
     */
    void scan(ByteBuffer piece) {
        while (piece.hasRemaining()) {
            byte next = piece.get();
            if (next == '\n') {
                endLine();
            } else {
                append(next);
            }
        }
    }

    private void append(byte next) {
        if (length == line.length) {
            if (length == MAX_LINE_BYTES) {
                throw new IllegalStateException(
                        "event line: too long (expected: at most " + MAX_LINE_BYTES + " bytes)");
            }
            line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = next;
    }

    private void endLine() {
        int to = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        length = 0;
        if (to < FIELD.length || !Arrays.equals(line, 0, FIELD.length, FIELD, 0, FIELD.length)) {
            return;
        }
        int from = to > FIELD.length && line[FIELD.length] == ' ' ? FIELD.length + 1 : FIELD.length;
        receiver.data(line, from, to);
    }
}
