package dev.remora.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.http.FakeHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RateLimitFieldsTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static FakeHeaders told(List<Limit> limits, Decision decision) {
        FakeHeaders headers = new FakeHeaders();
        RateLimitFields.of(limits, decision).applyTo(headers);
        return headers;
    }

    private static Decision allowed(Limit limit) {
        return new Decision(
                true, limit, limit.burst(), Optional.of(Duration.ZERO), Duration.ZERO, Decision.Source.LOCAL);
    }

    @Test
    void eachLimitIsAPolicyAndTheOneThatDecidesIsTold() {
        Limit requests = Limit.requests(10, MINUTE).named("per-minute");
        Limit tokens = Limit.tokens(500, Duration.ofMillis(500));
        FakeHeaders headers = told(List.of(requests, tokens, tokens.named("s").asShadow()), allowed(requests));
        assertThat(headers.values("ratelimit-policy"))
                .containsExactly("\"per-minute\";q=10;w=60, \"tokens\";q=1000;qu=\"remora-tokens\";w=1");
        assertThat(headers.values("ratelimit")).containsExactly("\"per-minute\";r=10;t=1");
    }

    // RFC 9651, section 3.3.1.
    @Test
    void numbersHaveFifteenDigitsAtMost() {
        Limit limit = Limit.tokens(2_000_000_000_000_000L, Duration.ofDays(366));
        FakeHeaders headers = told(List.of(limit), allowed(limit));
        assertThat(headers.values("ratelimit-policy").get(0)).contains(";q=999999999999999;");
        assertThat(headers.values("ratelimit").get(0)).contains(";r=999999999999999;");
    }
}
