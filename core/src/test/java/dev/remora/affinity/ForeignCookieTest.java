package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.http.Cookies;
import dev.remora.http.FakeHeaders;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignCookieTest {

    private static final long NOW = 1_795_332_356; // 2026-11-22
    private static final long LONG_AGO = 1_600_000_000;

    private static final Backend ONE = Backend.of("s1", "http://127.0.0.1:19081");
    private static final Backend TWO = Backend.of("s2", "http://127.0.0.1:19082");
    private static final Backend THREE = Backend.of("s3", "http://[::1]:8080");

    /** What a proxy wrote, as the file of recordings tells it. */
    record Written(String proxy, String called, String value, String by) {
        static List<Written> read() {
            try (var in = ForeignCookieTest.class.getResourceAsStream("foreign-cookies.tsv")) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.split("\t", -1))
                        .map(row -> new Written(row[0], row[1], row[2], row[3]))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Stream<Written> values() {
        return Written.read().stream()
                .filter(written -> List.of("nginx", "haproxy-dynamic", "traefik", "envoy", "caddy")
                        .contains(written.proxy()));
    }

    private static Snapshot pool(Backend... members) {
        return new Snapshot(1, Arrays.stream(members).map(Idle::new).toList());
    }

    /** A member without traffic. */
    private record Idle(Backend backend) implements Node {
        @Override
        public int openStreams() {
            return 0;
        }

        @Override
        public int waitingStreams() {
            return 0;
        }

        @Override
        public double load() {
            return 0;
        }

        @Override
        public long firstByteNanos(long nowNanos) {
            return 0;
        }

        @Override
        public double errorPenalty(long nowNanos) {
            return 0;
        }
    }

    private static Optional<String> read(ForeignCookie cookie, String value, long now, Backend... members) {
        ForeignCookie.Reader reader = cookie.reader(pool(members));
        String header = "a=1; " + cookie.cookieName() + "=" + value + "; b=2";
        return Cookies.find(List.of(header), cookie.cookieName(), (text, from, to) -> reader.read(text, from, to, now))
                .map(BackendId::value);
    }

    private static ForeignCookie of(Written written) {
        return switch (written.proxy()) {
            case "nginx" -> ForeignCookie.nginxSticky("srv_id");
            case "haproxy-dynamic" -> ForeignCookie.haproxyDynamic("SRV", written.by());
            case "traefik" -> ForeignCookie.traefik("_d1570");
            case "envoy" -> ForeignCookie.envoy("session");
            case "caddy" -> ForeignCookie.caddy("lb", written.by());
            default -> throw new IllegalArgumentException(written.proxy());
        };
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatOtherProxiesWroteIsRead(Written written) {
        String called = written.called();
        Backend server = Backend.of("server", called.contains("//") ? called : "http://" + called);
        Backend other = Backend.of("other", "http://10.9.9.9:9999");
        assertThat(read(of(written), written.value(), LONG_AGO, other, server)).contains("server");
        assertThat(read(of(written), '"' + written.value() + '"', LONG_AGO, other, server))
                .contains("server");
        assertThat(read(of(written), written.value(), LONG_AGO, other))
                .as("the server is gone")
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatTheyCalledABackEndCanBeSaid(Written written) {
        Backend server = Backend.of("server", "http://chat.example.org:3210");
        ForeignCookie named = of(written).naming(backend -> backend.metadata().getOrDefault("was", "nothing"));
        assertThat(read(named, written.value(), LONG_AGO, server.withMetadata(Map.of("was", written.called()))))
                .contains("server");
        assertThat(read(of(written), written.value(), LONG_AGO, server)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatWasChangedAnywhereNamesNobodyElse(Written written) {
        Random random = new Random(5);
        ForeignCookie cookie = of(written);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder value = new StringBuilder(written.value());
            int at = random.nextInt(value.length());
            switch (random.nextInt(3)) {
                case 0 -> value.setCharAt(at, (char) random.nextInt(0x180));
                case 1 -> value.setLength(at);
                default -> value.insert(at, (char) random.nextInt(0x80));
            }
            assertThat(read(cookie, value.toString(), LONG_AGO, ONE, TWO, THREE))
                    .satisfiesAnyOf(
                            found -> assertThat(found).isEmpty(),
                            found -> assertThat(written.called()).isEqualTo(called(found.orElseThrow(), written)),
                            // of an address in base64 another one may be made, and of a date another date
                            found -> assertThat(written.proxy()).isEqualTo("envoy"));
        }
    }

    private static String called(String id, Written written) {
        Backend backend = Stream.of(ONE, TWO, THREE)
                .filter(one -> one.id().value().equals(id))
                .findFirst()
                .orElseThrow();
        return written.called().contains("//") ? backend.uri().toString() : backend.authority();
    }

    @Test
    void randomValuesNameNobodyAndBreakNothing() {
        Random random = new Random(7);
        List<ForeignCookie> all = List.of(
                ForeignCookie.nginxSticky("c"),
                ForeignCookie.nginxRoute("c"),
                ForeignCookie.haproxy("c").maxIdle(Duration.ofHours(1)).maxLife(Duration.ofHours(2)),
                ForeignCookie.haproxyPrefix("c"),
                ForeignCookie.haproxyDynamic("c", "key"),
                ForeignCookie.envoy("c"),
                ForeignCookie.traefik("c"),
                ForeignCookie.caddy("c", "secret"));
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            String value = i % 2 == 0
                    ? Base64.getEncoder().encodeToString(bytes)
                    : new String(bytes, StandardCharsets.ISO_8859_1).replace(';', '|');
            for (ForeignCookie cookie : all) {
                assertThat(read(cookie, value, NOW, ONE, TWO, THREE)).isEmpty();
            }
        }
        for (ForeignCookie cookie : all) {
            assertThat(read(cookie, "s1" + "x".repeat(1 << 20), NOW, ONE)).isEmpty();
            assertThat(read(cookie, "", NOW, ONE)).isEmpty();
        }
    }

    @Test
    void textsOfNginxAndHaproxyAreIdsUnlessNamed() {
        assertThat(read(ForeignCookie.nginxRoute("c"), "s2", NOW, ONE, TWO)).contains("s2");
        assertThat(read(ForeignCookie.haproxy("c"), "s2", NOW, ONE, TWO)).contains("s2");
        assertThat(read(ForeignCookie.haproxy("c"), "s", NOW, ONE, TWO)).isEmpty();
        assertThat(read(ForeignCookie.haproxy("c").naming(backend -> "old-" + backend.id()), "old-s1", NOW, ONE, TWO))
                .contains("s1");
        assertThat(read(ForeignCookie.haproxy("c").naming(backend -> "same"), "same", NOW, ONE, TWO))
                .as("the first of several")
                .contains("s1");
    }

    @Test
    void datesOfHaproxyAreRead() {
        for (Written written : Written.read()) {
            if (written.proxy().equals("haproxy-date")) {
                long unix = Long.parseLong(written.called());
                assertThat(HaproxyCookie.date(written.value(), 0, 5)).isEqualTo((unix + 3) / 4 * 4);
            }
        }
        assertThat(HaproxyCookie.date("awK-B", 0, 5)).isEqualTo(-1);
        assertThat(HaproxyCookie.date("awKZ", 0, 4)).isEqualTo(-1);
    }

    @Test
    void datesAreJudgedWhenTheyAreToBe() {
        ForeignCookie plain = ForeignCookie.haproxy("c");
        ForeignCookie judged =
                ForeignCookie.haproxy("c").maxIdle(Duration.ofHours(1)).maxLife(Duration.ofDays(2));
        String at = "awKZB"; // 1795332356
        assertThat(read(plain, "s1|" + at + "|" + at, LONG_AGO, ONE)).contains("s1");
        assertThat(read(judged, "s1", NOW, ONE)).as("HAProxy adds a date").contains("s1");
        assertThat(read(judged, "s1|" + at, NOW + 3_600, ONE)).contains("s1");
        assertThat(read(judged, "s1|" + at, NOW + 3_601, ONE))
                .as("idle too long")
                .isEmpty();
        assertThat(read(judged, "s1|" + at, NOW - 86_400, ONE))
                .as("a day ahead")
                .contains("s1");
        assertThat(read(judged, "s1|" + at, NOW - 86_401, ONE))
                .as("more than that")
                .isEmpty();
        String first = "ZVPxA"; // 1700000000
        assertThat(read(judged, "s1|" + at + "|" + first, NOW, ONE))
                .as("lived too long")
                .isEmpty();
        assertThat(read(judged, "s1|" + at + "|" + at, NOW, ONE)).contains("s1");
        for (String malformed : List.of("s1|x", "s1|awKZBx", "s1|awKZB|x", "s1|awKZB|awKZB|x", "s1|aw*ZB")) {
            assertThat(read(judged, malformed, NOW, ONE)).as(malformed).isEmpty();
        }
    }

    @Test
    void aPrefixIsReadAndTheBackEndSeesTheValueWithoutIt() {
        ForeignCookie cookie = ForeignCookie.haproxyPrefix("JSESSIONID");
        assertThat(read(cookie, "s2~abc~d", NOW, ONE, TWO)).contains("s2");
        assertThat(read(cookie, "s2", NOW, ONE, TWO)).isEmpty();
        assertThat(read(cookie, "~abc", NOW, ONE, TWO)).isEmpty();
        FakeHeaders request = new FakeHeaders()
                .with("cookie", "a=1; JSESSIONID=s2~abc~d;b=x~y")
                .with("cookie", "c=2");
        ForeignCookie.Reader reader = cookie.reader(pool(ONE, TWO));
        reader.requestEdits(false).applyTo(request);
        assertThat(request.values("cookie")).containsExactly("a=1; JSESSIONID=abc~d;b=x~y", "c=2");
        reader.requestEdits(true).applyTo(request);
        assertThat(request.values("cookie"))
                .as("what the application itself wrote stays")
                .containsExactly("a=1; JSESSIONID=abc~d;b=x~y", "c=2");
        FakeHeaders former = new FakeHeaders().with("cookie", "JSESSIONID=\"s2~abc\"");
        cookie.updated(reader, pool(ONE)).requestEdits(false).applyTo(former);
        assertThat(former.values("cookie")).containsExactly("JSESSIONID=\"abc\"");
    }

    @Test
    void othersAreKeptFromTheBackEndUnlessPreserved() {
        FakeHeaders request = new FakeHeaders().with("cookie", "a=1; lb=x");
        ForeignCookie.caddy("lb", "").reader(pool(ONE)).requestEdits(true).applyTo(request);
        assertThat(request.values("cookie")).containsExactly("a=1; lb=x");
        ForeignCookie.caddy("lb", "").reader(pool(ONE)).requestEdits(false).applyTo(request);
        assertThat(request.values("cookie")).containsExactly("a=1");
    }

    @Test
    void anExpiredCookieOfEnvoyIsAbsentUnlessItsClockWasItsOwn() {
        Backend server = Backend.of("server", "http://10.0.0.5:8080");
        String expires2023 = "Cg0xMC4wLjAuNTo4MDgwEIDiz6oG";
        assertThat(read(ForeignCookie.envoy("c"), expires2023, 1_700_000_000, server))
                .contains("server");
        assertThat(read(ForeignCookie.envoy("c"), expires2023, 1_700_000_001, server))
                .isEmpty();
        byte[] monotonic = ("\n\r10.0.0.5:8080" + "\u0010d").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(read(ForeignCookie.envoy("c"), Base64.getEncoder().encodeToString(monotonic), NOW, server))
                .contains("server");
    }

    @Test
    void unknownFieldsOfEnvoyArePassedOver() {
        Backend server = Backend.of("server", "http://10.0.0.5:8080");
        String more = "\u0018\u0001" + "!12345678" + "%1234" + "*\u0002ab" + "\n\r10.0.0.5:8080";
        assertThat(read(
                        ForeignCookie.envoy("c"),
                        Base64.getEncoder().encodeToString(more.getBytes(StandardCharsets.ISO_8859_1)),
                        NOW,
                        server))
                .contains("server");
        for (String broken : List.of(
                "\n\u007fx", "\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u0001x", "\u0010", "\u0013")) {
            assertThat(read(
                            ForeignCookie.envoy("c"),
                            Base64.getEncoder().encodeToString(broken.getBytes(StandardCharsets.ISO_8859_1)),
                            NOW,
                            server))
                    .isEmpty();
        }
    }

    @Test
    void traefikNamesItsCookieAfterTheService() {
        for (Written written : Written.read()) {
            if (written.proxy().equals("traefik-name")) {
                assertThat(ForeignCookie.traefikDefaultName(written.called())).isEqualTo(written.value());
            }
        }
    }

    @Test
    void traefikKnowsAUrlWithAndWithoutItsSlash() {
        Backend bare = Backend.of("server", "http://127.0.0.1:8080");
        Backend slash = Backend.of("server", "http://127.0.0.1:8080/");
        assertThat(read(ForeignCookie.traefik("c"), "d30a576c03187167", NOW, bare))
                .contains("server");
        assertThat(read(ForeignCookie.traefik("c"), "d30a576c03187167", NOW, slash))
                .contains("server");
    }

    @Test
    void xxHashIsAsItsSpecificationSays() {
        assertThat(XxHash64.of(new byte[0])).isEqualTo(0xef46db3751d8e999L);
        assertThat(hash("a")).isEqualTo(0xd24ec4f1a98c6e5bL);
        assertThat(hash("abc")).isEqualTo(0x44bc2cf5ad770999L);
        assertThat(hash("Nobody inspects the spammish repetition")).isEqualTo(0xfbcea83c8a378bf1L);
        for (Written written : Written.read()) {
            if (written.proxy().equals("xxh64")) {
                assertThat(hash(written.called())).isEqualTo(Long.parseUnsignedLong(written.value(), 16));
            }
        }
    }

    private static long hash(String text) {
        return XxHash64.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a=b", "a;b", "\r\n"})
    void namesThatAreNoTokensAreRefused(String name) {
        assertThatThrownBy(() -> ForeignCookie.envoy(name)).hasMessageEndingWith("(expected: an HTTP token)");
    }

    @Test
    void timesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> ForeignCookie.haproxy("c").maxIdle(Duration.ZERO))
                .hasMessage("max idle: PT0S (expected: >= PT1S)");
        assertThatThrownBy(() -> ForeignCookie.haproxy("c").maxLife(Duration.ofSeconds(-1)))
                .hasMessage("max life: PT-1S (expected: >= PT1S)");
    }
}
