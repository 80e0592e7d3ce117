package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.StickyCookie.Tie;
import dev.remora.exchange.FakeRequest;
import dev.remora.pool.BackendId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StickyCookieTest {

    private static final byte[] KEY = "a key of enough bytes".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final StickyCookie cookie =
            StickyCookie.signedWith(KEY).withClock(InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z")));
    private final Tie tie = new Tie(new BackendId("chat-1"), 77);

    private String value() {
        String set = cookie.setCookie(tie, false);
        return set.substring(set.indexOf('=') + 1, set.indexOf(';'));
    }

    private Optional<Tie> read(String value) {
        return cookie.read(FakeRequest.get("/").header("Cookie", "remora=" + value));
    }

    @Test
    void itReadsWhatItHasWritten() {
        assertThat(read(value())).contains(tie);
        assertThat(read('"' + value() + '"')).contains(tie);
    }

    @Test
    void itIsForThisSiteOnlyAndNotForScripts() {
        assertThat(cookie.setCookie(tie, false)).endsWith("; Path=/; HttpOnly; SameSite=Lax");
        assertThat(cookie.setCookie(tie, true)).endsWith("; Path=/; HttpOnly; SameSite=Lax; Secure");
    }

    @Test
    void theBackEndsNameCannotBeReadOffTheText() {
        assertThat(value()).doesNotContain("chat-1").matches("[A-Za-z0-9_-]+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "chat-1",
                "d30a576c03187167",
                "CgoxLjIuMy40Ojgw",
                "s1|awKZB|awKZB",
                "%00%00",
                "AQ",
                "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void foreignValuesCountAsAbsent(String foreign) {
        assertThat(read(foreign)).isEmpty();
    }

    @Test
    void aValueThatWasCutOrChangedAnywhereCountsAsAbsent() {
        String good = value();
        for (int i = 0; i < good.length(); i++) {
            assertThat(read(good.substring(0, i))).isEmpty();
            char other = good.charAt(i) == 'x' ? 'y' : 'x';
            String changed = good.substring(0, i) + other + good.substring(i + 1);
            // The unused low bits of the last character carry nothing.
            if (i < good.length() - 1) {
                assertThat(read(changed)).as("character %s changed", i).isEmpty();
            }
        }
    }

    @Test
    void randomBytesCountAsAbsent() {
        Random random = new Random(3);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = 1;
            }
            assertThat(read(java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)))
                    .isEmpty();
        }
    }

    @Test
    void anotherKeyOrAnotherNameDoesNotReadIt() {
        FakeRequest request = FakeRequest.get("/").header("Cookie", "remora=" + value() + "; other=" + value());
        assertThat(StickyCookie.signedWith(new byte[32]).read(request)).isEmpty();
        assertThat(StickyCookie.signedWith(KEY).named("other").read(request)).isEmpty();
    }

    @Test
    void aCookieWithAnAgeIsKeptByBrowsersAndExpiresThoughItIsRemembered() {
        Instant[] now = {Instant.parse("2026-01-02T03:04:05Z")};
        StickyCookie aging =
                StickyCookie.signedWith(KEY).withClock(() -> now[0]).maxAge(Duration.ofHours(2));
        String set = aging.setCookie(tie, true);
        assertThat(set).endsWith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=7200; Secure");
        FakeRequest request = FakeRequest.get("/").header("Cookie", set.substring(0, set.indexOf(';')));
        assertThat(aging.read(request)).contains(tie);
        now[0] = now[0].plusSeconds(7200);
        assertThat(aging.read(request)).contains(tie);
        now[0] = now[0].plusSeconds(1);
        assertThat(aging.read(request)).isEmpty();
        assertThat(cookie.read(request)).as("without an age it is good").contains(tie);
    }

    @Test
    void aClockThatIsBehindByADayIsTolerated() {
        Instant[] now = {Instant.parse("2026-01-02T03:04:05Z")};
        StickyCookie aging =
                StickyCookie.signedWith(KEY).withClock(() -> now[0]).maxAge(Duration.ofHours(2));
        String set = aging.setCookie(tie, false);
        FakeRequest request = FakeRequest.get("/").header("Cookie", set.substring(0, set.indexOf(';')));
        now[0] = now[0].minus(Duration.ofDays(1));
        assertThat(aging.read(request)).contains(tie);
        now[0] = now[0].minusSeconds(1);
        assertThat(aging.read(request)).isEmpty();
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> cookie.maxAge(Duration.ZERO)).hasMessage("max age: PT0S (expected: PT1S to 400 days)");
        assertThatThrownBy(() -> cookie.maxAge(Duration.ofDays(401)))
                .hasMessage("max age: PT9624H (expected: PT1S to 400 days)");
        assertThatThrownBy(() -> StickyCookie.signedWith(new byte[15]))
                .hasMessage("cookie key: 15 bytes (expected: >= 16)");
        assertThatThrownBy(() -> cookie.named("a b")).hasMessage("cookie name: \"a b\" (expected: an HTTP token)");
    }
}
