package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AffinityRuleTest {

    private static ClientOrigin from(String address) {
        try {
            return new ClientOrigin(InetAddress.getByName(address), false);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Optional<String> key(AffinityRule rule, FakeRequest request) {
        return rule.key(request, from("192.0.2.1")).map(AffinityKey::text);
    }

    @Test
    void aHeaderACookieOrAQueryParameterMayHoldTheKey() {
        FakeRequest request = FakeRequest.get("/chat?a=1&session=x%20y&session=z")
                .header("Mcp-Session-Id", "m1")
                .header("Cookie", "theme=dark")
                .header("Cookie", "sid=c1; sid=c2");
        assertThat(key(AffinityRule.header("mcp-session-id"), request)).contains("m1");
        assertThat(key(AffinityRule.cookie("sid"), request)).contains("c1");
        assertThat(key(AffinityRule.cookie("SID"), request)).isEmpty();
        assertThat(key(AffinityRule.queryParameter("session"), request)).contains("x y");
        assertThat(key(AffinityRule.queryParameter("nope"), request)).isEmpty();
    }

    @Test
    void anEmptyValueCountsAsAbsent() {
        FakeRequest request = FakeRequest.get("/?q=").header("X-Id", "").header("Cookie", "sid=");
        assertThat(key(AffinityRule.header("X-Id"), request)).isEmpty();
        assertThat(key(AffinityRule.cookie("sid"), request)).isEmpty();
        assertThat(key(AffinityRule.queryParameter("q"), request)).isEmpty();
    }

    @Test
    void brokenPercentEncodingIsNoKey() {
        assertThat(key(AffinityRule.queryParameter("q"), FakeRequest.get("/?q=%zz")))
                .isEmpty();
    }

    @Test
    void theFirstRuleThatYieldsAKeyDecides() {
        AffinityRule rule = AffinityRule.firstOf(AffinityRule.header("X-Id"), AffinityRule.cookie("sid"));
        assertThat(key(rule, FakeRequest.get("/").header("Cookie", "sid=c"))).contains("c");
        assertThat(key(rule, FakeRequest.get("/").header("Cookie", "sid=c").header("X-Id", "h")))
                .contains("h");
    }

    @Test
    void aPathSegmentMayHoldTheKey() {
        FakeRequest request = FakeRequest.get("/sessions/a%2Fb+c/events?x=/1/2/3");
        assertThat(key(AffinityRule.pathSegment(0), request)).contains("sessions");
        assertThat(key(AffinityRule.pathSegment(1), request)).contains("a/b+c");
        assertThat(key(AffinityRule.pathSegment(2), request)).contains("events");
        assertThat(key(AffinityRule.pathSegment(3), request)).isEmpty();
        assertThat(key(AffinityRule.pathSegment(0), FakeRequest.get("/"))).isEmpty();
        assertThat(key(AffinityRule.pathSegment(0), FakeRequest.get("*"))).contains("*");
        assertThat(key(AffinityRule.pathSegment(1), FakeRequest.get("/a//b"))).isEmpty();
        for (String malformed : List.of("/%zz", "/%f", "/%", "/%ff", "/%c3%28", "/%+1")) {
            assertThat(key(AffinityRule.pathSegment(0), FakeRequest.get(malformed)))
                    .as(malformed)
                    .isEmpty();
        }
        assertThat(key(AffinityRule.pathSegment(0), FakeRequest.get("/z%C3%BCri")))
                .contains("z\u00fcri");
        assertThatThrownBy(() -> AffinityRule.pathSegment(-1)).hasMessage("path segment: -1 (expected: >= 0)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\r\nX: y", "\u007f", "\ta", "\u001b[31m"})
    void controlCharactersAreNoKey(String hostile) {
        FakeRequest request = FakeRequest.get("/").header("X-Id", hostile).header("Cookie", "sid=x" + hostile + "x");
        assertThat(key(AffinityRule.header("X-Id"), request)).isEmpty();
        assertThat(key(AffinityRule.cookie("sid"), request)).isEmpty();
        assertThat(key(AffinityRule.queryParameter("q"), FakeRequest.get("/?q=a%00b")))
                .isEmpty();
        assertThat(key(AffinityRule.pathSegment(0), FakeRequest.get("/a%0d%0ab")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "a\r\nb"})
    void namesThatAreNoTokensAreRefused(String name) {
        assertThatThrownBy(() -> AffinityRule.header(name)).hasMessageEndingWith("(expected: an HTTP token)");
        assertThatThrownBy(() -> AffinityRule.issuedCookie(name)).hasMessageEndingWith("(expected: an HTTP token)");
    }

    private static String token(String claims) {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        return encoder.encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".signature";
    }

    private static Optional<String> subject(String authorization) {
        return key(AffinityRule.bearerSubject(), FakeRequest.get("/").header("Authorization", authorization));
    }

    @Test
    void aUserKeepsTheKeyWhileTokensAreRenewed() {
        assertThat(subject("Bearer " + token("{\"iat\":1,\"sub\":\"user-7\"}"))).contains("user-7");
        assertThat(subject("bearer " + token("{\"sub\":\"user-7\",\"iat\":2}"))).contains("user-7");
        assertThat(subject("Bearer " + token("{\"a\":{\"sub\":\"x\"},\"b\":[{\"sub\":\"y\"}],\"sub\":\"z\"}")))
                .contains("z");
        assertThat(subject("Bearer " + token("{\"sub\":7}"))).contains("7");
        assertThat(subject("Bearer " + token("{\"sub\":\"first\",\"sub\":\"second\"}")))
                .contains("first");
    }

    @Test
    void whatIsNoTokenWithASubjectIsNoKey() {
        for (String other : List.of(
                "",
                "Bearer ",
                "Bearer sk-1234567890",
                "Bearer a.b",
                "Bearer a.b.c",
                "Bearer " + token("{}"),
                "Bearer " + token("{\"sub\":\"\"}"),
                "Bearer " + token("{\"sub\":\"a\""),
                "Bearer " + token("{\"sub\":\"a\"} x"),
                "Bearer " + token("{\"sub\":\"a\\u0000b\"}"),
                "Bearer " + token("{\"sub\":\"a\"}") + ".x.y",
                "Bearer " + token("{\"sub\":null}"),
                "Bearer " + token("{\"sub\":{\"sub\":\"x\"}}"),
                "Bearer " + token("[\"sub\"]"),
                "Bearer " + token("{\"sub\""),
                "Bearer " + token("[".repeat(3_000)),
                "Bearer " + token("{\"sub\":\"" + "x".repeat(8_192) + "\"}"),
                "Basic " + token("{\"sub\":\"user-7\"}"))) {
            assertThat(subject(other)).as(other).isEmpty();
        }
    }

    @Test
    void severalRulesMakeOneKeyIfAllYieldOne() {
        AffinityRule both = AffinityRule.allOf(AffinityRule.header("A"), AffinityRule.header("B"));
        assertThat(key(both, FakeRequest.get("/").header("A", "1"))).isEmpty();
        assertThat(key(both, FakeRequest.get("/").header("A", "1").header("B", "2:3")))
                .isPresent()
                .isNotEqualTo(key(both, FakeRequest.get("/").header("A", "1:2").header("B", "3")))
                .isNotEqualTo(key(both, FakeRequest.get("/").header("A", "2:3").header("B", "1")));
        assertThatThrownBy(AffinityRule::allOf).hasMessage("rules: none (expected: at least one)");
    }

    private static Optional<String> learned(AffinityRule rule, FakeResponse response) {
        return rule.learned(response).map(AffinityKey::text);
    }

    @Test
    void keysThatTheBackEndMakesAreLearnedFromItsResponses() {
        AffinityRule mcp = AffinityRule.issuedHeader("Mcp-Session-Id");
        assertThat(learned(mcp, new FakeResponse(200).with("mcp-session-id", "m1")))
                .contains("m1");
        assertThat(learned(mcp, new FakeResponse(200))).isEmpty();
        assertThat(learned(mcp, new FakeResponse(200).with("Mcp-Session-Id", "a\u0001")))
                .isEmpty();
        assertThat(key(mcp, FakeRequest.get("/").header("Mcp-Session-Id", "m1")))
                .contains("m1");

        AffinityRule cookie = AffinityRule.issuedCookie("io");
        FakeResponse sets = new FakeResponse(200)
                .with("Set-Cookie", "iox=1; Path=/")
                .with("Set-Cookie", "io=\"abc\"; Path=/; HttpOnly; SameSite=Strict");
        assertThat(learned(cookie, sets)).contains("abc");
        assertThat(learned(cookie, new FakeResponse(200).with("Set-Cookie", "io=; Path=/")))
                .isEmpty();
        assertThat(learned(cookie, new FakeResponse(200).with("Set-Cookie", "io=x; path=/; Max-Age=0")))
                .isEmpty();
        assertThat(learned(cookie, new FakeResponse(200).with("Set-Cookie", "io=x; max-age=-1")))
                .isEmpty();
        assertThat(learned(cookie, new FakeResponse(200).with("Set-Cookie", "io=x; Max-Age=-x; Max-Age=")))
                .as("what is no number is not heeded")
                .contains("x");
        assertThat(learned(cookie, new FakeResponse(200).with("Set-Cookie", "io=x; Max-Age=10")))
                .contains("x");

        AffinityRule either = AffinityRule.firstOf(AffinityRule.header("X-Id"), mcp, cookie);
        assertThat(learned(either, sets)).contains("abc");
        assertThat(learned(either, sets.with("Mcp-Session-Id", "m2"))).contains("m2");
        assertThat(learned(AffinityRule.allOf(mcp), sets.with("Mcp-Session-Id", "m2")))
                .isEmpty();
        assertThat(learned(AffinityRule.header("Mcp-Session-Id"), sets.with("Mcp-Session-Id", "m2")))
                .isEmpty();
    }

    private static Optional<String> learned(AffinityRule rule, String bodyStart) {
        ByteBuffer bytes = ByteBuffer.wrap(bodyStart.getBytes(StandardCharsets.UTF_8));
        Optional<String> key = rule.learned(bytes).map(AffinityKey::text);
        assertThat(bytes.position()).as("left as it was").isZero();
        return key;
    }

    @Test
    void theSessionOfSocketIoIsLearnedFromTheBody() {
        AffinityRule rule = AffinityRule.socketIo();
        assertThat(learned(rule, "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"]}"))
                .contains("lv_VI97HAXpY6yYWAAAC");
        assertThat(learned(rule, "97:0{\"sid\":\"abc-1\",\"pingInterval\":25000}2:40"))
                .contains("abc-1");
        for (String other : List.of(
                "",
                "0",
                "0{\"sid\":\"",
                "{\"sid\":\"abc\"}",
                "4{\"sid\":\"abc\"}",
                "0{\"sid\":\"a b\"}",
                " 0{\"sid\":\"abc\"}",
                "0{\"sid\":\"" + "x".repeat(65) + "\"}",
                "\u001f\u008b\b",
                "data: 0{\"sid\":\"abc\"}\n\n")) {
            assertThat(learned(rule, other)).as(other).isEmpty();
        }
        assertThat(key(rule, FakeRequest.get("/socket.io/?EIO=4&transport=polling&sid=abc-1")))
                .contains("abc-1");
        assertThat(rule.learnsFromBody()).isTrue();
        AffinityRule either = AffinityRule.firstOf(AffinityRule.header("X-Id"), rule);
        assertThat(either.learnsFromBody()).isTrue();
        assertThat(learned(either, "0{\"sid\":\"abc\"}")).contains("abc");
        assertThat(AffinityRule.header("X-Id").learnsFromBody()).isFalse();
        assertThat(learned(AffinityRule.header("X-Id"), "0{\"sid\":\"abc\"}")).isEmpty();
    }

    @Test
    void anIpv4ClientIsOneHoweverItIsWritten() {
        AffinityRule rule = AffinityRule.clientAddress();
        assertThat(rule.key(FakeRequest.get("/"), from("::ffff:192.0.2.1")))
                .isEqualTo(rule.key(FakeRequest.get("/"), from("192.0.2.1")));
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        System.arraycopy(new byte[] {(byte) 192, 0, 2, 1}, 0, mapped, 12, 4);
        try {
            ClientOrigin six = new ClientOrigin(Inet6Address.getByAddress(null, mapped, -1), false);
            assertThat(rule.key(FakeRequest.get("/"), six))
                    .isEqualTo(rule.key(FakeRequest.get("/"), from("192.0.2.1")));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anIpv6HouseholdIsOneClient() {
        AffinityRule rule = AffinityRule.clientAddress();
        FakeRequest request = FakeRequest.get("/");
        assertThat(rule.key(request, from("2001:db8:1:2:3:4:5:6")))
                .isEqualTo(rule.key(request, from("2001:db8:1:2:ffff::1")));
        assertThat(rule.key(request, from("2001:db8:1:2::1"))).isNotEqualTo(rule.key(request, from("2001:db8:1:3::1")));
        assertThat(rule.key(request, from("192.0.2.1"))).isNotEqualTo(rule.key(request, from("192.0.2.2")));
    }

    @Test
    void aHugeKeyIsLegalAndSmall() {
        AffinityKey one = AffinityKey.of("x".repeat(1 << 20));
        AffinityKey other = AffinityKey.of("x".repeat((1 << 20) - 1) + "y");
        assertThat(one.bounded().text()).hasSizeLessThan(128);
        assertThat(one).isNotEqualTo(other).isEqualTo(AffinityKey.of("x".repeat(1 << 20)));
        assertThat(AffinityKey.of("").text()).isEmpty();
    }

    @Test
    void aKeyDoesNotShowItselfInLogs() {
        assertThat(AffinityKey.of("secret")).hasToString("AffinityKey[6 characters]");
    }

    @Test
    void hashesOfSimilarKeysDiffer() {
        Set<Long> hashes = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            hashes.add(AffinityKey.of("user-" + i).hash());
        }
        assertThat(hashes).hasSize(100_000);
    }
}
