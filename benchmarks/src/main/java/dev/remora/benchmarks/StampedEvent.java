package dev.remora.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A server-sent event of 60 bytes, about as long as one that carries a token of a chat answer. It says when it was sent,
 * on the clock of this JVM, and its number in the stream.
 *
 * @param number 0 for the first event of a stream
 * @param sentNanos {@link System#nanoTime()} when it was handed to the socket
 */
record StampedEvent(int number, long sentNanos) {

    static final int LENGTH = 60;

    private static final String FIELD = "data: ";
    private static final int NUMBER_AT = FIELD.length();
    private static final int NUMBER_DIGITS = 2 * Integer.BYTES;
    private static final int STAMP_AT = NUMBER_AT + NUMBER_DIGITS + 1;
    private static final int STAMP_DIGITS = 2 * Long.BYTES;
    private static final int PADDING_AT = STAMP_AT + STAMP_DIGITS + 1;
    private static final String PADDING = "x".repeat(LENGTH - PADDING_AT - 2);
    private static final String CHUNK_START = Integer.toHexString(LENGTH) + "\r\n";
    private static final String CHUNK_END = "\r\n";

    /** The event as one chunk of a chunked body. */
    ByteBuf chunk(ByteBufAllocator allocator) {
        ByteBuf chunk = allocator.buffer(CHUNK_START.length() + LENGTH + CHUNK_END.length());
        chunk.writeCharSequence(CHUNK_START, StandardCharsets.US_ASCII);
        chunk.writeCharSequence(text(), StandardCharsets.US_ASCII);
        chunk.writeCharSequence(CHUNK_END, StandardCharsets.US_ASCII);
        return chunk;
    }

    String text() {
        HexFormat hex = HexFormat.of();
        return FIELD + hex.toHexDigits(number) + ' ' + hex.toHexDigits(sentNanos) + ' ' + PADDING + "\n\n";
    }

    private static StampedEvent parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.US_ASCII);
        StampedEvent event = new StampedEvent(
                HexFormat.fromHexDigits(text, NUMBER_AT, NUMBER_AT + NUMBER_DIGITS),
                HexFormat.fromHexDigitsToLong(text, STAMP_AT, STAMP_AT + STAMP_DIGITS));
        if (!text.equals(event.text())) {
            throw new IllegalStateException("event: " + text.strip() + " (expected: as it was sent)");
        }
        return event;
    }

    /** Puts the events of one stream together, however their bytes are cut. Not thread-safe. */
    static final class Reader {

        private final byte[] event = new byte[LENGTH];
        private int filled;
        private int next;

        /**
         * Takes all readable bytes of a body.
         *
         * @throws IllegalStateException if an event is damaged, missing or out of order
         */
        void read(ByteBuf body, long arrivedNanos, EventListener listener) {
            while (body.isReadable()) {
                int length = Math.min(body.readableBytes(), LENGTH - filled);
                body.readBytes(event, filled, length);
                filled += length;
                if (filled == LENGTH) {
                    filled = 0;
                    listener.received(inOrder(parse(event)), arrivedNanos);
                }
            }
        }

        /** How many whole events there were; a part of one at the end is an error. */
        int count() {
            if (filled != 0) {
                throw new IllegalStateException("last event: "
                        + new String(Arrays.copyOf(event, filled), StandardCharsets.US_ASCII) + " (expected: whole)");
            }
            return next;
        }

        private StampedEvent inOrder(StampedEvent event) {
            if (event.number() != next) {
                throw new IllegalStateException("event number: " + event.number() + " (expected: " + next + ")");
            }
            next++;
            return event;
        }
    }
}
