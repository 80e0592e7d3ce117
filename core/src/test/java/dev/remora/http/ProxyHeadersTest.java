package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProxyHeadersTest {

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static FakeHeaders prepared(FakeHeaders headers, boolean trusted) {
        ProxyHeaders.prepareRequest(headers, address("192.0.2.9"), trusted, false);
        return headers;
    }

    @Test
    void whatEndsAtThisHopDoesNotTravelOn() {
        FakeHeaders headers = prepared(
                new FakeHeaders()
                        .with("Connection", "keep-alive, X-Secret-Hop")
                        .with("Keep-Alive", "timeout=5")
                        .with("Proxy-Connection", "keep-alive")
                        .with("Proxy-Authorization", "Basic x")
                        .with("TE", "gzip")
                        .with("Upgrade", "h2c")
                        .with("X-Secret-Hop", "1")
                        .with("X-Kept", "2"),
                false);
        assertThat(headers.names().stream().map(String::toLowerCase))
                .doesNotContain(
                        "connection",
                        "keep-alive",
                        "proxy-connection",
                        "proxy-authorization",
                        "te",
                        "upgrade",
                        "x-secret-hop")
                .contains("x-kept");
    }

    @Test
    void aClientThatTakesTrailersSaysSoToTheNextHop() {
        assertThat(prepared(new FakeHeaders().with("TE", "gzip;q=0.5, Trailers"), false)
                        .values("te"))
                .containsExactly("trailers");
    }

    @Test
    void framingCannotBeNominatedAway() {
        FakeHeaders headers = prepared(
                new FakeHeaders()
                        .with("Connection", "close, Content-Length, Host, transfer-encoding")
                        .with("Content-Length", "3")
                        .with("Host", "chat.example"),
                false);
        assertThat(headers.values("content-length")).containsExactly("3");
        assertThat(headers.values("host")).containsExactly("chat.example");
    }

    @Test
    void forwardingHeadersOfStrangersAreDiscarded() {
        FakeHeaders headers = prepared(
                new FakeHeaders()
                        .with("Host", "chat.example:8080")
                        .with("X-Forwarded-For", "10.0.0.1")
                        .with("X-Forwarded-Proto", "https")
                        .with("X-Forwarded-Host", "evil.example")
                        .with("X-Forwarded-Prefix", "/admin")
                        .with("X-Real-IP", "10.0.0.1")
                        .with("X_Forwarded_For", "10.0.0.1")
                        .with("Forwarded", "for=10.0.0.1"),
                false);
        assertThat(headers.values("x-forwarded-for")).containsExactly("192.0.2.9");
        assertThat(headers.values("x-forwarded-proto")).containsExactly("http");
        assertThat(headers.values("x-forwarded-host")).containsExactly("chat.example:8080");
        assertThat(headers.values("x-forwarded-prefix")).isEmpty();
        assertThat(headers.values("x-real-ip")).isEmpty();
        assertThat(headers.values("x_forwarded_for")).isEmpty();
        assertThat(headers.values("forwarded")).containsExactly("for=192.0.2.9;host=\"chat.example:8080\";proto=http");
        assertThat(headers.values("via")).containsExactly("1.1 remora");
    }

    @Test
    void forwardingHeadersOfTrustedProxiesAreExtended() {
        FakeHeaders headers = prepared(
                new FakeHeaders()
                        .with("X-Forwarded-For", "198.51.100.1")
                        .with("X-Forwarded-For", "203.0.113.5")
                        .with("X-Forwarded-Proto", "https")
                        .with("Via", "1.1 edge"),
                true);
        assertThat(headers.values("x-forwarded-for")).containsExactly("198.51.100.1, 203.0.113.5, 192.0.2.9");
        assertThat(headers.values("x-forwarded-proto")).containsExactly("https");
        assertThat(headers.values("via")).containsExactly("1.1 edge, 1.1 remora");
    }

    @Test
    void anIpv6PeerIsQuotedInForwarded() {
        FakeHeaders headers = new FakeHeaders();
        ProxyHeaders.prepareRequest(headers, address("2001:db8::7"), false, true);
        assertThat(headers.values("forwarded")).containsExactly("for=\"[2001:db8:0:0:0:0:0:7]\";proto=https");
    }

    @Test
    void aProblemIsSmallJsonThatRepeatsNothingDangerous() {
        Problem problem = new Problem(503, "Busy \"now\"\n", "", Optional.of(Duration.ofMillis(1_200)));
        assertThat(new String(problem.json(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"about:blank\",\"status\":503,\"title\":\"Busy \\\"now\\\"\\u000a\"}\n");
        assertThat(problem.retryAfterSeconds()).contains("2");
    }
}
