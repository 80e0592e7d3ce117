package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

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
