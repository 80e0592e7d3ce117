package dev.remora.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The frame by which one side of a WebSocket says that it sends no more (RFC 6455, section 5.5.1).
 *
 * @param code the close code, 1000 to 4999
 * @param reason a few words for the log of the other side, at most 123 bytes as UTF-8
 */
public record CloseFrame(int code, String reason) {

    private static final int FIN_AND_CLOSE = 0x88;
    private static final int MASKED = 0x80;
    private static final int MOST_REASON_BYTES = 123;

    /** Creates a frame. */
    public CloseFrame {
        if (code < 1000 || code > 4999) {
            throw new IllegalArgumentException("code: " + code + " (expected: 1000 to 4999)");
        }
        if (reason.getBytes(StandardCharsets.UTF_8).length > MOST_REASON_BYTES) {
            throw new IllegalArgumentException("reason: " + reason + " (expected: at most 123 bytes)");
        }
    }

    /** The frame as a server sends it. */
    public byte[] unmasked() {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + text.length)
                .put((byte) FIN_AND_CLOSE)
                .put((byte) (2 + text.length))
                .putShort((short) code)
                .put(text)
                .array();
    }

    /**
     * The frame as a client sends it.
     *
     * @param key nobody should be able to foretell it
     */
    public byte[] masked(int key) {
        byte[] plain = unmasked();
        ByteBuffer frame = ByteBuffer.allocate(4 + plain.length)
                .put(plain[0])
                .put((byte) (plain[1] | MASKED))
                .putInt(key);
        for (int i = 2; i < plain.length; i++) {
            frame.put((byte) (plain[i] ^ (key >>> (8 * (3 - (i - 2) % 4)))));
        }
        return frame.array();
    }
}
