package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.StickyCookie.Tie;
import dev.remora.affinity.VerifiedCookies.Verified;
import dev.remora.pool.BackendId;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VerifiedCookiesTest {

    private final VerifiedCookies cookies = new VerifiedCookies();

    private Verified add(String value) {
        addOnce(value);
        return addOnce(value);
    }

    private Verified addOnce(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        return cookies.add(value, 0, value.length(), bytes, 0, new Tie(new BackendId("a"), 1));
    }

    private Verified find(String value) {
        String header = "x=1; remora=" + value + "; y=2";
        return cookies.find(header, 12, 12 + value.length());
    }

    @Test
    void aCookieIsFoundWhereItStands() {
        Verified verified = add("abcdefghijklmnop");
        assertThat(find("abcdefghijklmnop")).isSameAs(verified);
    }

    @Test
    void aCookieThatWasSeenOnceIsNotKept() {
        addOnce("abcdefghijklmnop");
        assertThat(find("abcdefghijklmnop")).isNull();
    }

    @Test
    void whatDiffersInOneCharacterIsNotFound() {
        add("abcdefghijklmnop");
        assertThat(find("abcdefghijklmnoq")).isNull();
        assertThat(find("abcdEfghijklmnop")).as("before the fingerprint").isNull();
        assertThat(find("xabcdefghijklmnop")).isNull();
        assertThat(find("abcdefghijklmno")).isNull();
        assertThat(find("")).isNull();
    }

    @Test
    void halfAsManyCookiesAsSlotsAreNearlyAllRemembered() {
        int count = VerifiedCookies.SLOTS / 2;
        IntStream.range(0, count).forEach(i -> add("cookie-" + i));
        long found = IntStream.range(0, count)
                .mapToObj(i -> find("cookie-" + i))
                .filter(Objects::nonNull)
                .count();
        assertThat(found).isGreaterThan(count * 97L / 100);
    }

    @Test
    void manyMoreCookiesThanSlotsTakeNoMoreThanTheSlots() {
        int count = VerifiedCookies.SLOTS * 4;
        IntStream.range(0, count).forEach(i -> add("cookie-" + i));
        long found = IntStream.range(0, count)
                .mapToObj(i -> find("cookie-" + i))
                .filter(Objects::nonNull)
                .count();
        assertThat(found).isBetween(VerifiedCookies.SLOTS / 2L, (long) VerifiedCookies.SLOTS);
        assertThat(find("cookie-" + (count - 1))).as("the newest").isNotNull();
    }
}
