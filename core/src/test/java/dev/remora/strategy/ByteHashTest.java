package dev.remora.strategy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class ByteHashTest {

    @Test
    void crc32OfAnyTextIsThatOfItsUtf8Bytes() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            String text = text(random);
            assertThat(ByteHash.CRC32.of(text)).as(text).isEqualTo(crc32(text.getBytes(UTF_8)));
        }
    }

    @Test
    void sdbmOfAnyTextIsThatOfItsUtf8Bytes() {
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            String text = text(random);
            int expected = 0;
            for (byte b : text.getBytes(UTF_8)) {
                expected = (b & 0xff) + 65_599 * expected;
            }
            assertThat(ByteHash.SDBM.of(text)).as(text).isEqualTo(expected);
        }
    }

    @Test
    void everyCharacterAloneAndEveryHalfOfAPairIsTakenAsTheJdkTakesIt() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint += codePoint < 0x10000 ? 1 : 97) {
            String text = Character.toString(codePoint);
            assertThat(ByteHash.CRC32.of(text)).as("U+%X", codePoint).isEqualTo(crc32(text.getBytes(UTF_8)));
        }
    }

    @Test
    void numbersAreAddedAsDigits() {
        for (int number : new int[] {0, 7, 10, 20, 199, Integer.MAX_VALUE}) {
            int state = ByteHash.CRC32.addDecimal(ByteHash.CRC32.start(), number);
            assertThat(ByteHash.CRC32.end(state))
                    .isEqualTo(crc32(String.valueOf(number).getBytes(UTF_8)));
        }
    }

    @Test
    void wordsAreAddedFromTheirLowestByte() {
        int word = 0x80fe7d01;
        int state = ByteHash.CRC32.addLittleEndian(ByteHash.CRC32.start(), word);
        byte[] bytes = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(word)
                .array();
        assertThat(ByteHash.CRC32.end(state)).isEqualTo(crc32(bytes));
    }

    // Letters, characters of every UTF-8 length, and units drawn blindly, of which some are halves of pairs.
    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(30); left > 0; left--) {
            switch (random.nextInt(4)) {
                case 0 -> text.append((char) random.nextInt(0x80));
                case 1 -> text.append((char) random.nextInt(0x800));
                case 2 -> text.append((char) (0xd700 + random.nextInt(0xa00)));
                default -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
            }
        }
        return text.toString();
    }

    private static int crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
