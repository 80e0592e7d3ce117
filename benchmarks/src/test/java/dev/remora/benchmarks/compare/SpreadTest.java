package dev.remora.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.benchmarks.peer.Contender;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SpreadTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void theBusiestMemberIsMeasuredAgainstTheMean() {
        assertThat(Spread.of(new long[] {10, 0, 30, 0}, i -> 1)).isEqualTo(new Spread(3, 2, 40));
    }

    @Test
    void takingTurnsIsPerfectlyEven() {
        assertThat(Spread.of(Contender.ARMERIA_ROUND_ROBIN, 10, 10_000, LONG)).isEqualTo(new Spread(1, 0, 10_000));
    }

    @Test
    void aFairDieGivesTheLuckiestOfTenLittleMore() {
        Spread spread = Spread.of(Contender.VERTX_RANDOM, 10, 200_000, LONG);
        assertThat(spread.peakToMean()).isCloseTo(1, within(0.05));
    }

    @Test
    void moreThanOneChunkOfKeysIsDealtOut() {
        Spread spread = Spread.of(Contender.GUAVA_JUMP, 10, 2 * KeyChunks.SIZE + 1, LONG);
        assertThat(spread.picks()).isEqualTo(2 * KeyChunks.SIZE + 1);
        assertThat(spread.peakToMean()).isCloseTo(1, within(0.05));
    }

    @Test
    void whenTheTimeIsUpFewerPicksCount() {
        Spread spread = Spread.of(Contender.GUAVA_JUMP, 10, 10_000, Duration.ZERO);
        assertThat(spread.picks()).isZero();
        assertThat(spread.enough(10)).isFalse();
    }

    @Test
    void theHashOfVertxGivesOneMemberManyTimesItsShare() {
        assertThat(Spread.of(Contender.VERTX_HASH_100, 100, 50_000, LONG).peakToMean())
                .isGreaterThan(5);
    }
}
