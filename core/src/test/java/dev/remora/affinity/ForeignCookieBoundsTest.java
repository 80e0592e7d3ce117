package dev.remora.affinity;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no reader does, whatever a client sends. */
class ForeignCookieBoundsTest {

    private static final long NOW = 1_795_332_356; // 2026-11-22
    private static final int MAX_VALUE_LENGTH = 512;

    private static final Backend ONE = Backend.of("s1", "http://127.0.0.1:19081");
    private static final Backend TWO = Backend.of("s2", "http://127.0.0.1:19082");

    /**
     * A value of each form.
     *
     * @param value names {@link #ONE}
     * @param called what the proxy called it
     */
    record Form(String name, ForeignCookie cookie, String value, String called) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Form> forms() {
        String address = "127.0.0.1:19081";
        String url = "http://" + address;
        ForeignCookie.Haproxy judged =
                ForeignCookie.haproxy("c").maxIdle(Duration.ofHours(1)).maxLife(Duration.ofHours(2));
        return Stream.of(
                new Form("nginx", ForeignCookie.nginxSticky("c"), "a51c8b9f70d6c1326804ef99ddb4031c", address),
                new Form("nginx, route", ForeignCookie.nginxRoute("c"), "s1", "s1"),
                new Form("HAProxy", ForeignCookie.haproxy("c"), "s1", "s1"),
                new Form("HAProxy, dates", judged, "s1|awKZB|awKZB", "s1"),
                new Form("HAProxy, prefix", ForeignCookie.haproxyPrefix("c"), "s1~abc", "s1"),
                new Form("HAProxy, dynamic", ForeignCookie.haproxyDynamic("c", "MYKEY"), "cc67b21ffbfafdde", address),
                new Form("Envoy", ForeignCookie.envoy("c"), base64("\n\u000f" + address), address),
                new Form("Envoy, address alone", ForeignCookie.envoy("c"), base64(address), address),
                new Form("Traefik, URL alone", ForeignCookie.traefik("c"), url, url),
                new Form(
                        "Caddy",
                        ForeignCookie.caddy("c", "s3cr3t"),
                        "c9741f031a2ff8a449ac44a308e754640f33810e020c635973706eb5c2d2908a",
                        address));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(ISO_8859_1));
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

    private static Optional<String> read(ForeignCookie cookie, String value, Backend... members) {
        return read(cookie.reader(pool(members)), value);
    }

    private static Optional<String> read(ForeignCookie.Reader reader, String value) {
        return reader.read(value, 0, value.length(), NOW).map(BackendId::value);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void nothingBesideTheValueIsRead(Form form) {
        ForeignCookie.Reader reader = form.cookie().reader(pool(ONE, TWO));
        int length = form.value().length();
        assertThat(read(reader, form.value())).as("a whole header").contains("s1");
        for (String beside : List.of("|", "~", "=", "a", "\0", "\u00fc", "|awKZB", "~x")) {
            assertThat(reader.read(form.value() + beside, 0, length, NOW).map(BackendId::value))
                    .as("%s behind it", beside)
                    .contains("s1");
            String behind = beside + form.value();
            assertThat(reader.read(behind, beside.length(), behind.length(), NOW)
                            .map(BackendId::value))
                    .as("%s in front of it", beside)
                    .contains("s1");
        }
        for (int at = 0; at <= length; at++) {
            assertThat(reader.read(form.value(), at, at, NOW))
                    .as("an empty one")
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aFlippedBitNamesNobodyElse(Form form) {
        ForeignCookie.Reader reader = form.cookie().reader(pool(ONE));
        for (int bit = 0; bit < form.value().length() * Character.SIZE; bit++) {
            char[] value = form.value().toCharArray();
            value[bit / Character.SIZE] ^= (char) (1 << bit % Character.SIZE);
            assertThat(read(reader, new String(value)))
                    .as("bit %s", bit)
                    .satisfiesAnyOf(
                            found -> assertThat(found).isEmpty(),
                            found -> assertThat(text(form, new String(value))).contains(form.called()));
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aTruncatedValueNamesNobodyElse(Form form) {
        ForeignCookie.Reader reader = form.cookie().reader(pool(ONE));
        for (int to = 0; to < form.value().length(); to++) {
            String value = form.value().substring(0, to);
            assertThat(reader.read(form.value(), 0, to, NOW))
                    .as("the first %s characters", to)
                    .satisfiesAnyOf(
                            found -> assertThat(found).isEmpty(),
                            found -> assertThat(text(form, value)).contains(form.called()));
        }
    }

    // Of a value whose name is written out the rest may change.
    private static String text(Form form, String value) {
        return form.name().startsWith("Envoy") ? new String(Base64.getDecoder().decode(value), ISO_8859_1) : value;
    }

    @ParameterizedTest
    @MethodSource("forms")
    void anyCharactersBreakNothing(Form form) {
        Random random = new Random(11);
        ForeignCookie.Reader reader = form.cookie().reader(pool(ONE, TWO));
        for (int i = 0; i < 5_000; i++) {
            StringBuilder value = new StringBuilder(form.value());
            for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
                int at = random.nextInt(value.length() + 1);
                String some = random.nextBoolean() ? "|~=+/-_AZaz09" : "\0\t\n \"%;\u007f\u0080\u00ff\u2028\ud800";
                value.insert(at, some.charAt(random.nextInt(some.length())));
            }
            int from = random.nextInt(value.length());
            int to = from + random.nextInt(value.length() - from + 1);
            Optional<String> found =
                    reader.read(value.toString(), from, to, NOW).map(BackendId::value);
            assertThat(found.orElse("s1")).as("%s", value).isEqualTo("s1");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theFirstOfSeveralMembersWithOneNameHasIt(Form form) {
        ForeignCookie shared = form.cookie().naming(backend -> form.called());
        assertThat(read(shared, form.value(), ONE, TWO)).contains("s1");
        assertThat(read(shared, form.value(), TWO, ONE)).contains("s2");
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theLastNamingCounts(Form form) {
        ForeignCookie named = form.cookie().naming(backend -> "before").naming(backend -> form.called());
        assertThat(read(named, form.value(), TWO)).contains("s2");
        assertThat(named.cookieName()).isEqualTo("c");
    }

    @ParameterizedTest
    @MethodSource("forms")
    void anEmptyPoolHasNobody(Form form) {
        assertThat(read(form.cookie(), form.value())).isEmpty();
    }

    @Test
    void longerValuesThanTheBoundAreAbsent() {
        String atMost = "n".repeat(MAX_VALUE_LENGTH);
        ForeignCookie named = ForeignCookie.nginxRoute("c").naming(backend -> atMost);
        ForeignCookie longer = ForeignCookie.nginxRoute("c").naming(backend -> atMost + "n");
        assertThat(read(named, atMost, ONE)).contains("s1");
        assertThat(read(longer, atMost + "n", ONE)).isEmpty();
        assertThat(read(ForeignCookie.haproxyPrefix("c"), "s1~" + "x".repeat(4_096), ONE))
                .as("how long the application's own value is, is its own affair")
                .contains("s1");
    }

    @Test
    void whatIsKnownByAHostNameIsLeftOutWhereAnAddressIsNeeded() {
        Backend byName = Backend.of("named", "http://localhost:19081");
        String sticky = "a51c8b9f70d6c1326804ef99ddb4031c";
        String dynamic = "cc67b21ffbfafdde";
        assertThat(read(ForeignCookie.nginxSticky("c"), sticky, byName)).isEmpty();
        assertThat(read(ForeignCookie.haproxyDynamic("c", "MYKEY"), dynamic, byName))
                .isEmpty();
        assertThat(read(ForeignCookie.envoy("c"), base64("localhost:19081"), byName))
                .isEmpty();
        Backend told = byName.withMetadata(Map.of("was", "127.0.0.1:19081"));
        assertThat(read(ForeignCookie.nginxSticky("c").naming(ForeignCookieBoundsTest::was), sticky, told))
                .contains("named");
        assertThat(read(ForeignCookie.haproxyDynamic("c", "MYKEY").naming(ForeignCookieBoundsTest::was), dynamic, told))
                .contains("named");
    }

    private static String was(Backend backend) {
        return backend.metadata().getOrDefault("was", "nothing");
    }

    @Test
    void sixteenBytesOfAnAddressAreHashedAsTheyAre() {
        byte[] hashed = new byte[5 + 16 + 4];
        System.arraycopy("MYKEY".getBytes(ISO_8859_1), 0, hashed, 0, 5);
        hashed[20] = 1; // ::1
        hashed[23] = 8080 >> 8;
        hashed[24] = (byte) 8080;
        String value = "%016x".formatted(XxHash64.of(hashed));
        for (String written : List.of("[::1]", "[0:0:0:0:0:0:0:1]", "[0::0001]")) {
            Backend server = Backend.of("six", "http://" + written + ":8080");
            assertThat(read(ForeignCookie.haproxyDynamic("c", "MYKEY"), value, server))
                    .as(written)
                    .contains("six");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "[::1], [::1]",
        "[0:0:0:0:0:0:0:1], [::1]",
        "[FE80::000A], [fe80::a]",
        "[2001:db8:0:0:1:0:0:1], [2001:db8::1:0:0:1]",
        "[2001:db8:0:1:1:1:1:1], [2001:db8:0:1:1:1:1:1]",
        "[1:0:0:0:0:0:0:0], [1::]",
        "[0:0:0:0:0:0:0:0], [::]",
        "[::FFFF:10.0.0.1], [::ffff:10.0.0.1]",
        "10.0.0.1, 10.0.0.1"
    })
    void anAddressIsKnownHoweverItIsWritten(String written, String printed) {
        Backend server = Backend.of("server", "http://" + written + ":8080");
        assertThat(read(ForeignCookie.envoy("c"), base64(printed + ":8080"), server))
                .contains("server");
    }

    @Test
    void anIpv4AddressInTheFormOfIpv6IsHashedAsSuch() {
        byte[] hashed = new byte[16 + 4];
        System.arraycopy(new byte[] {-1, -1, 10, 0, 0, 1}, 0, hashed, 10, 6);
        hashed[19] = 80;
        String value = "%016x".formatted(XxHash64.of(hashed));
        Backend server = Backend.of("server", "http://[::ffff:10.0.0.1]:80");
        assertThat(read(ForeignCookie.haproxyDynamic("c", ""), value, server)).contains("server");
    }

    @Test
    void thePortOfTheSchemeCountsWhereNoneIsWritten() {
        Backend server = Backend.of("server", "https://10.0.0.1");
        assertThat(read(ForeignCookie.envoy("c"), base64("\n\u000c10.0.0.1:443"), server))
                .contains("server");
        assertThat(read(ForeignCookie.envoy("c"), base64("\n\u000b10.0.0.1:80"), server))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cg8xMjcuMC4wLjE6MTkwODE=", "Cg8xMjcuMC4wLjE6MTkwODE"})
    void envoysValueMayLackItsPadding(String value) {
        assertThat(read(ForeignCookie.envoy("c"), value, ONE)).contains("s1");
    }

    @Test
    void envoysAlphabetIsTheStandardOne() {
        // An unknown field of bytes that are written with the two characters in which the alphabets differ.
        String value = base64("\u001a\u0007x\u00fb\u00ef\u00be\u00ff\u00ff\u00ff\n\u000f127.0.0.1:19081");
        assertThat(value).contains("++++////");
        assertThat(read(ForeignCookie.envoy("c"), value, ONE)).contains("s1");
        assertThat(read(ForeignCookie.envoy("c"), value.replace('+', '-').replace('/', '_'), ONE))
                .isEmpty();
    }

    @Test
    void envoysDateIsAnUnsignedNumber() {
        String far = "\u0010" + "\u00ff".repeat(9) + "\u0001"; // 2^64 - 1
        assertThat(read(ForeignCookie.envoy("c"), base64("\n\u000f127.0.0.1:19081" + far), ONE))
                .contains("s1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0010", // no number
                "\u0010\u0080", // cut off
                "\u0010\u0080\u0080\u0080\u0080\u0080\u0080\u0080\u0080\u0080\u0080\u0001", // eleven bytes
                "\u001a\u0005abc", // fewer bytes than it says
                "\u0019abc", // fewer than eight
                "\u001dab", // fewer than four
                "\u001b", // a group
                "\u001f" // no wire type
            })
    void whatEndsBadlyIsNoMessageOfEnvoy(String end) {
        assertThat(read(ForeignCookie.envoy("c"), base64("\n\u000f127.0.0.1:19081" + end), ONE))
                .isEmpty();
    }

    @Test
    void traefiksHashesHaveNoLeadingZeros() {
        // FNV-1 of this URL, with 64 bits, begins with a zero.
        Backend server = Backend.of("server", "http://10.0.0.3:8080");
        assertThat(read(ForeignCookie.traefik("c"), "29b8794dee13835", server)).contains("server");
        assertThat(read(ForeignCookie.traefik("c"), "029b8794dee13835", server)).isEmpty();
    }
}
