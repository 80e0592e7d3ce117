package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scanner against a reader that has all frames at hand. */
class WebSocketFramesTest {

    private static final int[] OPCODES = {0, 0, 1, 1, 2, 2, 8, 9, 10, 3};
    private static final int[] LENGTHS = {0, 1, 5, 125, 126, 127, 300, 65_535, 65_536, 70_000};

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void randomFramesAreUnderstoodAtEverySplit(boolean masked) {
        Random random = new Random(42);
        for (int i = 0; i < 3_000; i++) {
            boolean extended = random.nextBoolean();
            agree(frames(random, masked), masked, extended, random);
        }
    }

    @Test
    void randomBytesAreUnderstood() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(30)];
            random.nextBytes(bytes);
            agree(bytes, random.nextBoolean(), random.nextBoolean(), random);
        }
    }

    private static void agree(byte[] bytes, boolean masked, boolean extended, Random random) {
        WebSocketFrames scanner = new WebSocketFrames(masked, extended);
        int messages = 0;
        int position = 0;
        while (position < bytes.length) {
            // Mostly single bytes near headers, larger pieces inside of long payloads.
            int most = bytes.length > 200 ? 1 + random.nextInt(bytes.length / 4) : 1;
            int end = Math.min(bytes.length, position + most);
            messages += feed(scanner, bytes, position, end);
            position = end;
            Reference expected = Reference.read(bytes, position, masked, extended);
            assertThat(new Reference(
                            messages,
                            scanner.isBetweenFrames(),
                            scanner.isBetweenMessages(),
                            scanner.isClosed(),
                            scanner.isInvalid()))
                    .as("after %s of %s bytes", position, bytes.length)
                    .isEqualTo(expected);
        }
    }

    private static int feed(WebSocketFrames scanner, byte[] bytes, int from, int to) {
        int messages = 0;
        int position = from;
        while (position < to) {
            boolean ended;
            if (scanner.payloadLeft() > 0) {
                int skipped = (int) Math.min(to - position, scanner.payloadLeft());
                ended = scanner.skip(skipped);
                position += skipped;
            } else {
                ended = scanner.next(bytes[position++]);
            }
            messages += ended ? 1 : 0;
        }
        return messages;
    }

    private static byte[] frames(Random random, boolean masked) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean open = false;
        for (int frames = 1 + random.nextInt(6); frames > 0; frames--) {
            int opcode = OPCODES[random.nextInt(OPCODES.length)];
            boolean fin = random.nextBoolean();
            // Mostly in an order that is allowed.
            if (random.nextInt(10) > 0) {
                opcode = opcode < 8 ? (open ? 0 : 1 + opcode % 2) : opcode;
                fin |= opcode >= 8;
            }
            open = opcode >= 8 ? open : !fin;
            int length = LENGTHS[random.nextInt(opcode >= 8 ? 4 : LENGTHS.length)];
            int reserved = random.nextInt(20) == 0 ? 0x40 : 0;
            out.writeBytes(frame((fin ? 0x80 : 0) | reserved | opcode, length, masked, random));
        }
        return out.toByteArray();
    }

    private static byte[] frame(int first, int length, boolean masked, Random random) {
        ByteBuffer frame = ByteBuffer.allocate(14 + length).put((byte) first);
        int mask = masked ? 0x80 : 0;
        if (length < 126) {
            frame.put((byte) (mask | length));
        } else if (length < 65_536 && random.nextInt(5) > 0) {
            frame.put((byte) (mask | 126)).putShort((short) length);
        } else {
            frame.put((byte) (mask | 127)).putLong(length);
        }
        if (masked) {
            frame.putInt(random.nextInt());
        }
        byte[] payload = new byte[length];
        random.nextBytes(payload);
        frame.put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    @Test
    void longestFrameIsCounted() {
        WebSocketFrames scanner = new WebSocketFrames(false, false);
        header(scanner, 0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
        assertThat(scanner.payloadLeft()).isEqualTo(Long.MAX_VALUE);
        assertThat(scanner.skip(Long.MAX_VALUE - 1)).isFalse();
        assertThat(scanner.isBetweenFrames()).isFalse();
        assertThat(scanner.skip(1)).isTrue();
        assertThat(scanner.isBetweenMessages()).isTrue();
    }

    @Test
    void lengthBeyondTheLongestIsInvalid() {
        WebSocketFrames scanner = new WebSocketFrames(false, false);
        header(scanner, 0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0);
        assertThat(scanner.isInvalid()).isTrue();
    }

    @Test
    void pingInsideOfAMessageDoesNotEndIt() {
        WebSocketFrames scanner = new WebSocketFrames(false, false);
        header(scanner, 0x01, 0, 0x89, 0);
        assertThat(scanner.isBetweenFrames()).isTrue();
        assertThat(scanner.isBetweenMessages()).isFalse();
        header(scanner, 0x80, 0);
        assertThat(scanner.isBetweenMessages()).isTrue();
    }

    @Test
    void moreThanIsLeftCannotBeSkipped() {
        WebSocketFrames scanner = new WebSocketFrames(false, false);
        header(scanner, 0x82, 5);
        assertThatThrownBy(() -> scanner.skip(6)).hasMessage("bytes: 6 (expected: 1 to 5)");
        assertThatThrownBy(() -> scanner.skip(0)).hasMessage("bytes: 0 (expected: 1 to 5)");
    }

    @Test
    void closeFramesAreWhatTheScannerExpects() {
        CloseFrame frame = new CloseFrame(1012, "drain");
        assertThat(frame.unmasked()).containsExactly(0x88, 7, 0x03, 0xf4, 'd', 'r', 'a', 'i', 'n');
        assertThat(frame.masked(0x01020304))
                .containsExactly(
                        0x88, 0x87, 1, 2, 3, 4, 0x03 ^ 1, 0xf4 ^ 2, 'd' ^ 3, 'r' ^ 4, 'a' ^ 1, 'i' ^ 2, 'n' ^ 3);
        for (boolean masked : new boolean[] {false, true}) {
            WebSocketFrames scanner = new WebSocketFrames(masked, false);
            byte[] bytes = masked ? frame.masked(-1) : frame.unmasked();
            assertThat(feed(scanner, bytes, 0, bytes.length)).isZero();
            assertThat(scanner.isClosed()).isTrue();
        }
        assertThatThrownBy(() -> new CloseFrame(999, "")).hasMessage("code: 999 (expected: 1000 to 4999)");
        assertThatThrownBy(() -> new CloseFrame(1000, "x".repeat(124)))
                .hasMessageEndingWith("(expected: at most 123 bytes)");
    }

    private static void header(WebSocketFrames scanner, int... bytes) {
        for (int b : bytes) {
            scanner.next((byte) b);
        }
    }

    /** What a reader of the whole says. */
    private record Reference(
            int messages, boolean betweenFrames, boolean betweenMessages, boolean closed, boolean invalid) {

        static Reference read(byte[] bytes, int end, boolean masked, boolean extended) {
            int messages = 0;
            boolean open = false;
            int at = 0;
            while (at < end) {
                int first = bytes[at] & 0xff;
                int opcode = first & 15;
                boolean fin = first >= 0x80;
                boolean known = opcode < 3 || (opcode > 7 && opcode < 11);
                boolean misplaced = opcode > 7 ? !fin : (opcode == 0) != open;
                if (!known || misplaced || (!extended && (first & 0x70) != 0)) {
                    return new Reference(messages, false, false, false, true);
                }
                if (at + 1 >= end) {
                    return new Reference(messages, false, false, false, false);
                }
                int second = bytes[at + 1] & 0xff;
                int small = second & 0x7f;
                if ((second >= 0x80) != masked || (opcode > 7 && small > 125)) {
                    return new Reference(messages, false, false, false, true);
                }
                int extra = small < 126 ? 0 : small == 126 ? 2 : 8;
                if (at + 2 + extra > end) {
                    return new Reference(messages, false, false, false, false);
                }
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                long length =
                        extra == 0 ? small : extra == 2 ? buffer.getShort(at + 2) & 0xffff : buffer.getLong(at + 2);
                if (length < 0) {
                    return new Reference(messages, false, false, false, true);
                }
                int header = 2 + extra + (masked ? 4 : 0);
                if (at + header > end || length > end - at - header) {
                    return new Reference(messages, false, false, false, false);
                }
                at += header + (int) length;
                if (opcode == 8) {
                    return new Reference(messages, false, false, true, false);
                }
                if (opcode < 8) {
                    open = !fin;
                    messages += fin ? 1 : 0;
                }
            }
            return new Reference(messages, true, !open, false, false);
        }
    }
}
