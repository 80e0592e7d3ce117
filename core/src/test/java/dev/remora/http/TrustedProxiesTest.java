package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

    private final TrustedProxies proxies = TrustedProxies.of("10.0.0.0/8", "192.0.2.7", "fd00::/8");

    private String client(FakeRequest request) {
        return proxies.origin(request).address().getHostAddress();
    }

    @Test
    void aStrangersHeadersAreNotBelieved() {
        FakeRequest request = FakeRequest.get("/")
                .from("203.0.113.1")
                .header("X-Forwarded-For", "1.2.3.4")
                .header("X-Forwarded-Proto", "https");
        ClientOrigin origin = proxies.origin(request);
        assertThat(origin.address().getHostAddress()).isEqualTo("203.0.113.1");
        assertThat(origin.secure()).isFalse();
    }

    @Test
    void theRightMostUntrustedHopIsTheClient() {
        assertThat(client(FakeRequest.get("/")
                        .from("10.1.1.1")
                        .header("X-Forwarded-For", "6.6.6.6, 203.0.113.5")
                        .header("X-Forwarded-For", "192.0.2.7, 10.9.9.9")))
                .isEqualTo("203.0.113.5");
    }

    @Test
    void aChainOfTrustedProxiesAloneYieldsTheOutermost() {
        assertThat(client(FakeRequest.get("/").from("10.1.1.1").header("X-Forwarded-For", "10.0.0.9, 10.0.0.8")))
                .isEqualTo("10.0.0.9");
    }

    @Test
    void nonsenseInTheChainEndsTheSearch() {
        assertThat(client(FakeRequest.get("/")
                        .from("10.1.1.1")
                        .header("X-Forwarded-For", "203.0.113.5, localhost, 10.0.0.8")))
                .isEqualTo("10.0.0.8");
        assertThat(client(FakeRequest.get("/").from("10.1.1.1").header("X-Forwarded-For", ", ,")))
                .isEqualTo("10.1.1.1");
    }

    @Test
    void portsAndBracketsAreUnderstood() {
        assertThat(client(FakeRequest.get("/").from("10.1.1.1").header("X-Forwarded-For", "203.0.113.5:4711")))
                .isEqualTo("203.0.113.5");
        assertThat(client(FakeRequest.get("/").from("10.1.1.1").header("X-Forwarded-For", "[2001:db8::1]:443")))
                .isEqualTo("2001:db8:0:0:0:0:0:1");
    }

    @Test
    void theProtocolOfATrustedProxyIsBelieved() {
        FakeRequest request = FakeRequest.get("/").from("192.0.2.7").header("X-Forwarded-Proto", "https");
        assertThat(proxies.origin(request).secure()).isTrue();
    }

    @Test
    void blocksEndWhereTheyShould() {
        TrustedProxies narrow = TrustedProxies.of("192.0.2.128/25", "2001:db8::/33");
        assertThat(narrow.contains(address("192.0.2.128"))).isTrue();
        assertThat(narrow.contains(address("192.0.2.127"))).isFalse();
        assertThat(narrow.contains(address("2001:db8:7fff::1"))).isTrue();
        assertThat(narrow.contains(address("2001:db8:8000::1"))).isFalse();
        assertThat(TrustedProxies.of("0.0.0.0/0").contains(address("8.8.8.8"))).isTrue();
        assertThat(TrustedProxies.of("0.0.0.0/0").contains(address("::2"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0/8",
                "1.2.3.4/",
                "300.1.1.1",
                ".1:2",
                "1.2.3.4.5",
                "g::1",
                "::1/129",
                "/8"
            })
    void whatIsNoBlockIsRefused(String text) {
        assertThatThrownBy(() -> TrustedProxies.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("trusted proxy: " + text + " (expected:");
    }

    private static java.net.InetAddress address(String literal) {
        return AddressLiteral.parse(literal).orElseThrow();
    }

    private static FakeRequest forwarded(String... fields) {
        FakeRequest request = FakeRequest.get("/").from("10.1.1.1");
        for (String field : fields) {
            request.header("Forwarded", field);
        }
        return request;
    }

    @Test
    void forwardedIsUnderstoodWhereTheOlderFieldsAreMissing() {
        assertThat(client(forwarded("for=6.6.6.6, For=\"203.0.113.5:4711\";proto=https;by=10.0.0.1", "for=10.9.9.9")))
                .isEqualTo("203.0.113.5");
        assertThat(client(forwarded("proto=http ; FOR=\"[2001:db8::1]:80\""))).isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(client(forwarded("for=\"[2001:db8::1]\""))).isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(client(forwarded("host=\"a, b; for=6.6.6.6\";for=203.0.113.5")))
                .isEqualTo("203.0.113.5");
        assertThat(client(forwarded("for=\"203.0.113\\.5\""))).isEqualTo("203.0.113.5");
        assertThat(client(forwarded("for=6.6.6.6").header("X-Forwarded-For", "203.0.113.5")))
                .isEqualTo("203.0.113.5");
        assertThat(client(forwarded("for=6.6.6.6").header("X-Forwarded-Proto", "https")))
                .as("a proxy that knows the older fields only passes on what the client made up")
                .isEqualTo("10.1.1.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=unknown",
                "for=_hidden",
                "proto=https",
                "for",
                "for=\"203.0.113.5",
                "for=;",
                "for=\"[::1\"",
                "x y"
            })
    void aHopThatIsNoAddressEndsTheSearch(String hop) {
        assertThat(client(forwarded("for=6.6.6.6", hop, "for=10.9.9.9"))).isEqualTo("10.9.9.9");
        assertThat(client(forwarded("for=6.6.6.6", hop))).isEqualTo("10.1.1.1");
    }

    @Test
    void theSchemeOfTheHopThatNamesTheClientCounts() {
        assertThat(proxies.origin(forwarded("for=1.1.1.1;proto=HTTPS", "for=10.9.9.9;proto=http"))
                        .secure())
                .isTrue();
        assertThat(proxies.origin(forwarded("for=1.1.1.1;proto=http", "for=10.9.9.9;proto=https"))
                        .secure())
                .isFalse();
        assertThat(proxies.origin(forwarded("for=1.1.1.1").secured()).secure()).isTrue();
        assertThat(proxies.origin(forwarded("for=6.6.6.6;proto=https", "for=1.1.1.1;proto=http"))
                        .secure())
                .as("what is left of the client is made up")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=6.6.6.6;by=\"",
                "for=6.6.6.6, \"",
                "for=6.6.6.6\\",
                "for=\"6.6.6.6\\\"",
                ";;;,,,=\"",
                "for=6.6.6.6;for=\"[",
                "\\\"\\\""
            })
    void whatAClientWritesChangesNothingOfWhatAProxyWroteBehindIt(String hostile) {
        assertThat(client(forwarded(hostile + ", for=\"[2001:db8::1]:4711\";proto=https")))
                .isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(client(forwarded(hostile + ", for=203.0.113.5;host=\"a.example\";proto=https, for=10.2.2.2")))
                .isEqualTo("203.0.113.5");
    }

    @Test
    void randomTextInFrontChangesNothingEither() {
        Random random = new Random(11);
        String alphabet = "for=6.6.6.6;by,\"\\ []:";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder hostile = new StringBuilder();
            for (int c = random.nextInt(24); c > 0; c--) {
                hostile.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(client(forwarded(hostile + ", for=\"203.0.113.5\";proto=https")))
                    .isEqualTo("203.0.113.5");
        }
    }

    @Test
    void aMillionHopsCostLittleAndAreNotBelieved() {
        String hops = "for=10.0.0.1,".repeat(200_000) + "for=10.0.0.2";
        assertThat(client(forwarded("for=6.6.6.6, " + hops))).isEqualTo("10.0.0.1");
        assertThat(client(forwarded("\"".repeat(1_000_001)))).isEqualTo("10.1.1.1");
    }

    @Test
    void anIpv4ProxyIsKnownHoweverItIsWritten() {
        assertThat(proxies.contains(mapped(10, 1, 1, 1))).isTrue();
        assertThat(client(FakeRequest.get("/").from("::ffff:10.1.1.1").header("X-Forwarded-For", "::ffff:203.0.113.5")))
                .isEqualTo("203.0.113.5");
    }

    /** An address of IPv6 as a socket may report it: made from text the platform turns it into one of IPv4. */
    private static InetAddress mapped(int... octets) {
        byte[] bytes = new byte[16];
        bytes[10] = bytes[11] = (byte) 0xff;
        for (int i = 0; i < octets.length; i++) {
            bytes[12 + i] = (byte) octets[i];
        }
        try {
            return Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
