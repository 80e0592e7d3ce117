package dev.remora.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {

    @Test
    void aThirdOfASecondIsRoundedUpAndThreeOfThemFillTheBurst() {
        Pace pace = new Pace(Limit.requests(3, Duration.ofSeconds(1)));
        assertThat(pace.cost(1)).isEqualTo(333_333_334);
        assertThat(pace.cost(3)).isEqualTo(3 * 333_333_334L).isEqualTo(pace.toleranceNanos);
        assertThat(pace.units(333_333_333)).isZero();
        assertThat(pace.units(333_333_334)).isOne();
    }

    @Test
    void moreThanTheBurstIsNeverThere() {
        Pace pace = new Pace(Limit.requests(100, Duration.ofSeconds(1)).withBurst(40));
        assertThat(pace.cost(40)).isEqualTo(pace.toleranceNanos);
        assertThat(pace.cost(41)).isEqualTo(Pace.NEVER);
        assertThat(pace.cost(Long.MAX_VALUE)).isEqualTo(Pace.NEVER);
    }

    @Test
    void whatIsChargedIsAtMostAllThatCanBeOwed() {
        Pace pace = new Pace(Limit.tokens(1_000, Duration.ofMinutes(1)));
        long all = pace.toleranceNanos + pace.maxDebtNanos;
        assertThat(pace.charge(1_200)).isEqualTo(Duration.ofSeconds(72).toNanos());
        assertThat(pace.charge(2_000)).isEqualTo(all);
        assertThat(pace.charge(Long.MAX_VALUE)).isEqualTo(all);
    }

    @Test
    void theLargestLimitsDoNotOverflow() {
        long year = Limit.LONGEST.toNanos();
        Pace fastest =
                new Pace(Limit.requests(1_000_000_000L, Duration.ofSeconds(1)).withBurst(year));
        assertThat(fastest.toleranceNanos).isEqualTo(year);
        Pace slowest = new Pace(Limit.requests(1, Limit.LONGEST));
        assertThat(slowest.cost(1)).isEqualTo(year);
        assertThat(slowest.charge(Long.MAX_VALUE)).isEqualTo(2 * year);
    }

    @Test
    void aShareIsSlowerByAsMuch() {
        Pace share = new Pace(Limit.requests(100, Duration.ofSeconds(1)).withBurst(40), 4);
        assertThat(share.cost(1)).isEqualTo(40_000_000);
        assertThat(share.toleranceNanos).isEqualTo(400_000_000);
        Pace tiny = new Pace(Limit.requests(1, Duration.ofSeconds(1)), 4);
        assertThat(tiny.cost(1)).isEqualTo(tiny.toleranceNanos).isEqualTo(4_000_000_000L);
    }
}
