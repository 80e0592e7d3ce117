package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie.SameSite;
import dev.remora.affinity.StickyCookie.Secure;
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

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final StickyCookie cookie = StickyCookie.signedWith(KEY).withClock(InstantSource.fixed(NOW));
    private final Tie tie = new Tie(new BackendId("chat-1"), 77);
    private final Tie sent = new Tie(tie.backend(), 77, NOW.getEpochSecond(), NOW.getEpochSecond());

    private String value() {
        return valueOf(cookie.setCookie(tie, false));
    }

    private Optional<Tie> read(String value) {
        return read(cookie, value);
    }

    private static Optional<Tie> read(StickyCookie by, String value) {
        return by.read(FakeRequest.get("/").header("Cookie", by.name() + "=" + value));
    }

    private static String valueOf(String setCookie) {
        return setCookie.substring(setCookie.indexOf('=') + 1, setCookie.indexOf(';'));
    }

    @Test
    void itReadsWhatItHasWritten() {
        assertThat(read(value())).contains(sent);
        assertThat(read('"' + value() + '"')).contains(sent);
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
    void charactersThatOnlyEndAsOursDoCountAsAbsent() {
        String good = value();
        for (int i = 0; i < good.length(); i++) {
            char alike = (char) (good.charAt(i) + 0x100);
            assertThat(read(good.substring(0, i) + alike + good.substring(i + 1)))
                    .isEmpty();
        }
    }

    @Test
    void randomBytesCountAsAbsent() {
        Random random = new Random(3);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = 2;
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
        Instant[] now = {NOW};
        StickyCookie aging =
                StickyCookie.signedWith(KEY).withClock(() -> now[0]).maxAge(Duration.ofHours(2));
        String set = aging.setCookie(tie, true);
        assertThat(set).endsWith("; Max-Age=7200; Path=/; HttpOnly; SameSite=Lax; Secure");
        FakeRequest request = FakeRequest.get("/").header("Cookie", set.substring(0, set.indexOf(';')));
        assertThat(aging.read(request)).contains(sent);
        now[0] = now[0].plusSeconds(7200);
        assertThat(aging.read(request)).contains(sent);
        now[0] = now[0].plusSeconds(1);
        assertThat(aging.read(request)).isEmpty();
        assertThat(cookie.read(request)).as("without an age it is good").contains(sent);
    }

    @Test
    void aClockThatIsBehindByADayIsTolerated() {
        Instant[] now = {NOW};
        StickyCookie aging =
                StickyCookie.signedWith(KEY).withClock(() -> now[0]).maxAge(Duration.ofHours(2));
        String set = aging.setCookie(tie, false);
        FakeRequest request = FakeRequest.get("/").header("Cookie", set.substring(0, set.indexOf(';')));
        now[0] = now[0].minus(Duration.ofDays(1));
        assertThat(aging.read(request)).contains(sent);
        now[0] = now[0].minusSeconds(1);
        assertThat(aging.read(request)).isEmpty();
    }

    @Test
    void aCookieInUseIsSentAgainAndLivesOn() {
        Instant[] now = {NOW};
        StickyCookie sliding =
                StickyCookie.signedWith(KEY).withClock(() -> now[0]).idle(Duration.ofHours(10));
        String set = sliding.setCookie(tie, false);
        assertThat(set).contains("; Max-Age=36000;");
        now[0] = NOW.plus(Duration.ofMinutes(59));
        assertThat(sliding.renews(read(sliding, valueOf(set)).orElseThrow())).isFalse();
        now[0] = NOW.plus(Duration.ofHours(1));
        Tie due = read(sliding, valueOf(set)).orElseThrow();
        assertThat(sliding.renews(due)).as("after a tenth of its time").isTrue();
        String again = sliding.setCookie(due, false);
        now[0] = NOW.plus(Duration.ofHours(11));
        assertThat(read(sliding, valueOf(set))).as("the first one is too old").isEmpty();
        Tie renewed = read(sliding, valueOf(again)).orElseThrow();
        assertThat(renewed.issuedAt()).isEqualTo(NOW.getEpochSecond());
        assertThat(renewed.refreshedAt()).isEqualTo(NOW.getEpochSecond() + 3600);
    }

    @Test
    void howOftenItIsSentAgainIsASetting() {
        Instant[] now = {NOW};
        StickyCookie sliding = StickyCookie.signedWith(KEY)
                .refreshEvery(Duration.ofMinutes(5))
                .withClock(() -> now[0])
                .idle(Duration.ofHours(10));
        String set = sliding.setCookie(tie, false);
        now[0] = NOW.plusSeconds(299);
        assertThat(sliding.renews(read(sliding, valueOf(set)).orElseThrow())).isFalse();
        now[0] = NOW.plusSeconds(300);
        assertThat(sliding.renews(read(sliding, valueOf(set)).orElseThrow())).isTrue();
    }

    @Test
    void howeverMuchItIsUsedItEndsAtItsAge() {
        Instant[] now = {NOW};
        StickyCookie both = StickyCookie.signedWith(KEY)
                .withClock(() -> now[0])
                .idle(Duration.ofHours(2))
                .maxAge(Duration.ofHours(5));
        String set = both.setCookie(tie, false);
        for (int hour = 1; hour <= 4; hour++) {
            now[0] = NOW.plus(Duration.ofHours(hour));
            set = both.setCookie(read(both, valueOf(set)).orElseThrow(), false);
        }
        assertThat(set).as("no longer than its age allows").contains("; Max-Age=3600;");
        now[0] = NOW.plus(Duration.ofHours(5));
        assertThat(read(both, valueOf(set))).isPresent();
        now[0] = NOW.plus(Duration.ofHours(5)).plusSeconds(1);
        assertThat(read(both, valueOf(set))).isEmpty();
    }

    @Test
    void aKeyIsChangedWithoutLosingAClient() {
        byte[] newKey = "another key of enough bytes".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        StickyCookie rotated =
                StickyCookie.signedWith(newKey).alsoAccepting(KEY).withClock(InstantSource.fixed(NOW));
        Tie old = read(rotated, value()).orElseThrow();
        assertThat(old.backend()).isEqualTo(tie.backend());
        assertThat(old.session()).isEqualTo(77);
        assertThat(rotated.renews(old)).as("it is signed anew").isTrue();
        String set = rotated.setCookie(old, false);
        Tie signedAnew = read(rotated, valueOf(set)).orElseThrow();
        assertThat(signedAnew).isEqualTo(sent);
        assertThat(rotated.renews(signedAnew)).isFalse();
        assertThat(read(cookie, valueOf(set)))
                .as("the old key knows nothing of it")
                .isEmpty();
        StickyCookie prepared =
                StickyCookie.signedWith(KEY).alsoAccepting(newKey).withClock(InstantSource.fixed(NOW));
        assertThat(read(prepared, valueOf(set))).isPresent();
    }

    @Test
    void attributesStandInTheCookie() {
        StickyCookie embedded = StickyCookie.signedWith(KEY)
                .partitioned()
                .sameSite(SameSite.NONE)
                .secure(Secure.ALWAYS)
                .path("/chat")
                .domain("example.org")
                .httpOnly(false)
                .checked();
        assertThat(embedded.setCookie(tie, false))
                .endsWith("; Path=/chat; Domain=example.org; SameSite=None; Secure; Partitioned");
        assertThat(StickyCookie.signedWith(KEY).secure(Secure.NEVER).setCookie(tie, true))
                .doesNotContain("Secure");
        assertThat(StickyCookie.signedWith(KEY)
                        .named("__Host-chat")
                        .secure(Secure.ALWAYS)
                        .checked()
                        .setCookie(tie, false))
                .startsWith("__Host-chat=")
                .endsWith("; Path=/; HttpOnly; SameSite=Lax; Secure");
    }

    @Test
    void aCookieThatBrowsersWouldThrowAwayIsRefused() {
        assertRefused(cookie.sameSite(SameSite.NONE), "same site: NONE (expected: secure(ALWAYS))");
        assertRefused(cookie.partitioned(), "partitioned (expected: secure(ALWAYS))");
        assertRefused(cookie.named("__Secure-a"), "cookie name: __Secure-a (expected: secure(ALWAYS))");
        String host = "cookie name: __Host-a (expected: secure(ALWAYS), path / and no domain)";
        StickyCookie hostCookie = cookie.named("__Host-a").secure(Secure.ALWAYS);
        assertRefused(cookie.named("__Host-a"), host);
        assertRefused(hostCookie.path("/a"), host);
        assertRefused(hostCookie.domain("example.org"), host);
        assertRefused(
                cookie.named("__host-A"), "cookie name: __host-A (expected: secure(ALWAYS), path / and no domain)");
        assertRefused(cookie.refreshEvery(Duration.ofMinutes(1)), "refresh: PT1M (expected: an idle time, too)");
        assertRefused(
                cookie.refreshEvery(Duration.ofMinutes(1)).idle(Duration.ofMinutes(1)),
                "refresh: PT1M (expected: less than the idle time, PT1M)");
        assertRefused(
                cookie.idle(Duration.ofMinutes(2)).maxAge(Duration.ofMinutes(1)),
                "idle: PT2M (expected: at most the max age, PT1M)");
    }

    private static void assertRefused(StickyCookie wrong, String message) {
        assertThatThrownBy(wrong::checked).hasMessage(message);
        assertThatThrownBy(() -> LoadBalancer.builder().stickyCookie(wrong)).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chat", "/a;b", "/a b", "/a\r\nX: y", "/\u00e9", "/\u0000"})
    void pathsThatWouldBreakTheHeaderAreRefused(String path) {
        assertThatThrownBy(() -> cookie.path(path)).hasMessageStartingWith("cookie path: ");
        assertThatThrownBy(() -> cookie.domain(path + "; x")).hasMessageStartingWith("cookie domain: ");
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
