package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NginxLimitReqTest {

    private final AtomicLong now = new AtomicLong();

    private Admission admit(Guard guard, boolean mayWait) {
        ClientOrigin origin = new ClientOrigin(InetAddress.getLoopbackAddress(), false);
        return guard.admit(FakeRequest.get("/"), Visitor.from(origin, mayWait));
    }

    private String outcomes(NginxLimitReq rule, int... millis) {
        Guard guard = Guard.limitReq(LimitKey.everybody(), rule.withClock(now::get));
        StringBuilder outcomes = new StringBuilder();
        for (int at : millis) {
            now.set(Duration.ofMillis(at).toNanos());
            Admission admission = admit(guard, true);
            outcomes.append(
                    admission instanceof Admission.Denied ? 'x' : admission instanceof Admission.Pending ? 'w' : '.');
        }
        return outcomes.toString();
    }

    @Test
    void withoutABurstRequestsKeepTheirDistance() {
        assertThat(outcomes(NginxLimitReq.perSecond(10), 1000, 1000, 1099, 1100, 1150, 1199, 1200))
                .isEqualTo(".xx.xx.");
    }

    @Test
    void thoseWithinTheBurstWait() {
        assertThat(outcomes(NginxLimitReq.perSecond(10).burst(2), 0, 0, 0, 0, 100, 100, 400))
                .isEqualTo(".wwxwx.");
    }

    @Test
    void withoutDelayTheyPassAtOnce() {
        assertThat(outcomes(NginxLimitReq.perSecond(10).burst(2).nodelay(), 0, 0, 0, 0, 100, 100, 400))
                .isEqualTo("...x.x.");
    }

    @Test
    void someOfThemMayPassAtOnce() {
        assertThat(outcomes(NginxLimitReq.perSecond(10).burst(4).delay(2), 0, 0, 0, 0, 0, 0))
                .isEqualTo("...wwx");
    }

    @Test
    void afterManyQuietDaysAFastRateLetsPassWhatItDid() {
        Guard guard = Guard.limitReq(
                LimitKey.everybody(),
                NginxLimitReq.perSecond(1_000_000).burst(1).nodelay().withClock(now::get));
        for (int day : new int[] {0, 100, 300, 1_000, 10_000}) {
            now.set(Duration.ofDays(day).toNanos());
            for (int i = 0; i < 2; i++) {
                assertThat(admit(guard, true)).as("day %d", day).isEqualTo(Admission.admitted());
            }
            assertThat(admit(guard, true)).isInstanceOf(Admission.Denied.class);
        }
    }

    @Test
    void theClockMayWrapAround() {
        now.set(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
        Guard guard =
                Guard.limitReq(LimitKey.everybody(), NginxLimitReq.perSecond(10).withClock(now::get));
        assertThat(admit(guard, true)).isEqualTo(Admission.admitted());
        now.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(admit(guard, true)).isEqualTo(Admission.admitted());
    }

    @Test
    void aRateByTheMinuteIsAsSlow() {
        assertThat(outcomes(NginxLimitReq.perMinute(6), 0, 5_000, 9_999, 10_000, 10_001))
                .isEqualTo(".xx.x");
    }

    @Test
    void theDenialSaysWhenToComeBack() {
        Guard guard =
                Guard.limitReq(LimitKey.everybody(), NginxLimitReq.perMinute(6).withClock(now::get));
        assertThat(admit(guard, true)).isInstanceOf(Admission.Admitted.class);
        Admission.Denied denied = (Admission.Denied) admit(guard, true);
        assertThat(denied.problem().status()).isEqualTo(429);
        assertThat(denied.problem().retryAfter().orElseThrow().toSeconds()).isEqualTo(10);
    }

    @Test
    void whoCannotWaitPassesWithinTheBurst() {
        Guard guard = Guard.limitReq(
                LimitKey.everybody(), NginxLimitReq.perSecond(1).burst(1).withClock(now::get));
        assertThat(admit(guard, false)).isInstanceOf(Admission.Admitted.class);
        assertThat(admit(guard, false)).isInstanceOf(Admission.Admitted.class);
        assertThat(admit(guard, false)).isInstanceOf(Admission.Denied.class);
    }

    @Test
    void aDelayEnds() {
        Guard guard = Guard.limitReq(
                LimitKey.everybody(), NginxLimitReq.perSecond(1_000).burst(1).withClock(now::get));
        assertThat(admit(guard, true)).isInstanceOf(Admission.Admitted.class);
        Admission.Pending waits = (Admission.Pending) admit(guard, true);
        assertThat(waits.answer().toCompletableFuture().join()).isEqualTo(Admission.admitted());
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> NginxLimitReq.perSecond(0)).hasMessage("rate: 0 (expected: 1 to 1000000 requests)");
        assertThatThrownBy(() -> NginxLimitReq.perSecond(1).burst(-1)).hasMessage("burst: -1 (expected: 0 to 1000000)");
        assertThatThrownBy(() -> NginxLimitReq.perSecond(1).maxKeys(0)).hasMessageContaining("max keys: 0");
    }
}
