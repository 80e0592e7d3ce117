package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TextHashTest {

    @Test
    void itIsTheSameInEveryJvm() {
        assertThat(TextHash.of("")).isEqualTo(0x63c3bc398b3366acL);
        assertThat(TextHash.of("a")).isEqualTo(0xe69565923cc97893L);
        assertThat(TextHash.of("sess-3e467b13-77b1-4c0e")).isEqualTo(0x13f72091c51e7be4L);
        assertThat(TextHash.of("Z\u00fcrich")).isEqualTo(0xa217e31c9e23fb77L);
    }

    @Test
    void aPartOfATextHasTheHashOfThatPart() {
        String text = "Cookie: remora=abcdefghijklmnopqrstuvwxyz; theme=dark";
        for (int from = 0; from < 20; from++) {
            for (int to = from; to <= text.length(); to++) {
                assertThat(TextHash.of(text, from, to)).isEqualTo(TextHash.of(text.substring(from, to)));
            }
        }
    }

    @Test
    void similarTextsDoNotCollide() {
        Set<Long> hashes = new HashSet<>();
        for (int i = 0; i < 300_000; i++) {
            hashes.add(TextHash.of("user-" + i));
            hashes.add(TextHash.of(i + "@example.com"));
        }
        for (int length = 0; length < 100; length++) {
            hashes.add(TextHash.of("\0".repeat(length)));
        }
        assertThat(hashes).hasSize(600_100);
    }

    @Test
    void everyBitOfTheTextChangesHalfOfTheBits() {
        Random random = new Random(7);
        for (int length = 1; length <= 40; length++) {
            long changed = 0;
            int trials = 2_000;
            for (int trial = 0; trial < trials; trial++) {
                char[] text = random.ints(length, 32, 127)
                        .mapToObj(Character::toString)
                        .collect(java.util.stream.Collectors.joining())
                        .toCharArray();
                long before = TextHash.of(new String(text));
                text[random.nextInt(length)] ^= (char) (1 << random.nextInt(7));
                changed += Long.bitCount(before ^ TextHash.of(new String(text)));
            }
            assertThat(changed / (double) trials)
                    .as("bits of 64, length %s", length)
                    .isBetween(31.0, 33.0);
        }
    }

    @Test
    void everyBitOfTheHashIsSetHalfOfTheTime() {
        int[] set = new int[64];
        int texts = 20_000;
        for (int i = 0; i < texts; i++) {
            long hash = TextHash.of("session-" + i);
            for (int bit = 0; bit < 64; bit++) {
                set[bit] += (int) (hash >>> bit & 1);
            }
        }
        for (int count : set) {
            assertThat(count / (double) texts).isBetween(0.48, 0.52);
        }
    }
}
