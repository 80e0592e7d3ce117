package dev.remora.http;

/**
 * Where the frames and messages of one direction of a WebSocket begin and end (RFC 6455, section 5.2), told from the
 * first byte behind the handshake on. Headers are taken byte by byte, payloads as a whole:
 *
 * <pre>{@code
 * boolean messageEnded = frames.payloadLeft() > 0 ? frames.skip(n) : frames.next(b);
 * }</pre>
 *
 * <p>Bytes that are no frames leave it {@linkplain #isInvalid() invalid} for ever. It keeps no bytes and allocates nothing.
 * Not thread-safe.
 */
public final class WebSocketFrames {

    private enum Place {
        FRAME_START,
        SECOND_BYTE,
        LENGTH,
        MASK,
        PAYLOAD,
        CLOSED,
        INVALID
    }

    private static final int CONTINUATION = 0x0;
    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PONG = 0xA;
    private static final int FIN = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int MOST_CONTROL_BYTES = 125;

    private final boolean masked;
    private final boolean extended;
    private Place place = Place.FRAME_START;
    private boolean fin;
    private int opcode;
    private int headerLeft;
    // Becomes payloadLeft when the rest of the header, the mask, is there.
    private long length;
    private long payloadLeft;
    private boolean messageOpen;

    /**
     * Creates a scanner that stands before the first frame.
     *
     * @param masked whether these are a client's frames, which are masked, or a server's, which are not
     * @param extended whether an extension was agreed on, which may use the reserved bits
     */
    public WebSocketFrames(boolean masked, boolean extended) {
        this.masked = masked;
        this.extended = extended;
    }

    /** How many bytes of payload come next, to be {@linkplain #skip skipped}; with 0 the next byte is a header's. */
    public long payloadLeft() {
        return payloadLeft;
    }

    /**
     * Takes the next byte of a header. Behind a close frame, and behind what is no frame, it is ignored.
     *
     * @return whether a message has ended; pings, pongs and close frames are none
     */
    public boolean next(byte b) {
        switch (place) {
            case FRAME_START -> first(b & 0xff);
            case SECOND_BYTE -> {
                return second(b & 0xff);
            }
            case LENGTH -> {
                return length(b & 0xff);
            }
            case MASK -> {
                headerLeft--;
                return headerLeft == 0 && headerEnded();
            }
            default -> {}
        }
        return false;
    }

    /**
     * Passes over payload.
     *
     * @param bytes 1 to {@link #payloadLeft()}
     * @return whether a message has ended
     */
    public boolean skip(long bytes) {
        if (bytes < 1 || bytes > payloadLeft) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: 1 to " + payloadLeft + ")");
        }
        payloadLeft -= bytes;
        return payloadLeft == 0 && frameEnded();
    }

    /** Whether no frame has begun that has not ended, so that another one, a close frame for example, may stand here. */
    public boolean isBetweenFrames() {
        return place == Place.FRAME_START;
    }

    /** Whether besides that no message has begun that has not ended. */
    public boolean isBetweenMessages() {
        return isBetweenFrames() && !messageOpen;
    }

    /** Whether a close frame has passed as a whole: nothing may follow it. */
    public boolean isClosed() {
        return place == Place.CLOSED;
    }

    /** Whether the bytes were not what a WebSocket sends: nobody knows where frames end. */
    public boolean isInvalid() {
        return place == Place.INVALID;
    }

    private void first(int b) {
        fin = (b & FIN) != 0;
        opcode = b & 0xf;
        boolean known = opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
        boolean reserved = (b & RESERVED) != 0 && !extended;
        boolean ordered = isControl() ? fin : (opcode == CONTINUATION) == messageOpen;
        place = known && !reserved && ordered ? Place.SECOND_BYTE : Place.INVALID;
    }

    private boolean second(int b) {
        length = b & 0x7f;
        if (((b & MASKED) != 0) != masked || (isControl() && length > MOST_CONTROL_BYTES)) {
            place = Place.INVALID;
            return false;
        }
        if (length <= MOST_CONTROL_BYTES) {
            return lengthKnown();
        }
        place = Place.LENGTH;
        headerLeft = length == 126 ? 2 : 8;
        length = 0;
        return false;
    }

    private boolean isControl() {
        return opcode >= CLOSE;
    }

    private boolean length(int b) {
        length = length << 8 | b;
        headerLeft--;
        if (headerLeft > 0) {
            return false;
        }
        if (length < 0) {
            place = Place.INVALID;
            return false;
        }
        return lengthKnown();
    }

    private boolean lengthKnown() {
        if (masked) {
            place = Place.MASK;
            headerLeft = 4;
            return false;
        }
        return headerEnded();
    }

    private boolean headerEnded() {
        payloadLeft = length;
        place = Place.PAYLOAD;
        return payloadLeft == 0 && frameEnded();
    }

    private boolean frameEnded() {
        place = opcode == CLOSE ? Place.CLOSED : Place.FRAME_START;
        if (isControl()) {
            return false;
        }
        messageOpen = !fin;
        return fin;
    }
}
