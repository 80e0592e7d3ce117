package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.guard.NginxLimitReq;
import dev.remora.inspect.Inspection;
import dev.remora.inspect.Inspector;
import dev.remora.inspect.RuleSet;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Traffic that is meant to harm: it costs a bounded amount, and the others are served. */
final class AttackTrafficTest extends GuardFixture {

    private static final String JSON = "Content-Type: application/json";

    private static Inspection inspection() {
        return Inspection.by(Inspector.rules(RuleSet.builtIn())).blocking();
    }

    private void othersAreServed() {
        assertThat(client().send(get("/", from("203.0.113.9"), "X-Tenant: known"))
                        .response())
                .startsWith("HTTP/1.1 200 ")
                .endsWith("ok");
    }

    @Test
    void keysThatAreMadeUpShareWhatIsLeft() {
        RateLimiter limiter = RateLimiter.local(Limit.requests(20, MINUTE))
                .maxKeys(100)
                .clock(nanos::get)
                .build();
        start(
                Guard.limitReq(
                        LimitKey.header("x-tenant"), NginxLimitReq.perSecond(1).maxKeys(100)),
                Guard.rate(LimitKey.header("x-tenant"), limiter));
        othersAreServed();
        Random random = new Random(7);
        Wire client = client();
        int served = 0;
        for (int batch = 0; batch < 100; batch++) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                requests.append(get("/", "X-Tenant: " + random.nextLong()));
            }
            client.send(requests.toString());
            for (int i = 0; i < 100; i++) {
                served += client.response().startsWith("HTTP/1.1 200 ") ? 1 : 0;
            }
        }
        assertThat(served)
                .as("one for each key that is remembered, and what those beyond share")
                .isBetween(100, 150);
    }

    @Test
    void floodOfHeadersIsCutOff() {
        start(inspection().guard());
        Wire many = client().send("GET / HTTP/1.1\r\nHost: chat.test\r\n" + "a: b\r\n".repeat(20_000));
        assertThat(many.rest()).startsWith("HTTP/1.1 431 ");
        Wire cookies = client().send(get("/", "Cookie: " + "a=b; ".repeat(1_500)));
        assertThat(cookies.response()).startsWith("HTTP/1.1 200 ");
        othersAreServed();
    }

    @Test
    void bodiesThatDripHoldUpNobodyAndWinNoTime() throws Exception {
        start(inspection().bodies(65_536).guard());
        List<Wire> slow = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            slow.add(client().send(request("POST", "/", JSON, "Content-Length: 60000") + "{"));
        }
        eventually("all wait", () -> balancer().stats().openStreams() == 50);
        othersAreServed();
        arrived.clear();
        time.settle();
        time.pass(Duration.ofSeconds(59));
        slow.forEach(wire -> wire.send("\""));
        time.settle();
        othersAreServed();
        assertThat(arrived).as("a back end knows nothing of them").hasSize(1);
        time.pass(Duration.ofSeconds(2));
        for (Wire wire : slow) {
            assertThat(wire.rest()).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void bodiesMadeToBeSlowToReadAreRead() {
        start(inspection().bodies(65_536).guard(), Guard.rate(ADDRESS, limiter(Limit.requests(100, MINUTE))));
        Wire client = client();
        for (String body : List.of(
                "[".repeat(60_000),
                "{\"a\":".repeat(10_000),
                "\"" + "\\u0027".repeat(10_000) + "\"",
                "\"" + "'/**/or/**/".repeat(5_000) + "\"",
                "\"" + "<".repeat(60_000) + "\"",
                "\u0000".repeat(60_000))) {
            assertThat(client.send(post("/", body, JSON)).response()).matches("(?s)HTTP/1.1 (200|403) .*");
        }
        othersAreServed();
    }

    @Test
    void floodOfDeniedUploadsReachesNobody() throws Exception {
        start(Guard.rate(ADDRESS, limiter(Limit.requests(1, MINUTE))));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        arrived.clear();
        String upload = post("/", "x".repeat(60_000));
        for (int i = 0; i < 200; i++) {
            assertThat(client.send(upload).response()).startsWith("HTTP/1.1 429 ");
        }
        assertThat(arrived).isEmpty();
        othersAreServed();
    }
}
