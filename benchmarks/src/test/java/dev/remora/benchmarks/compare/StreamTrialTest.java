package dev.remora.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.benchmarks.peer.Contender;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StreamTrialTest {

    @ParameterizedTest
    @MethodSource("counting")
    void everyContenderThatCountsStreamsCountsThemAndForgetsThoseThatHaveEnded(Contender contender) {
        StreamTrial trial = StreamTrial.of(contender);
        assertThat(trial.counted()).isTrue();
        assertThat(trial.released()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("ours")
    void remoraKnowsAStreamUntilItEnds(Contender contender) {
        assertThat(StreamTrial.of(contender)).isEqualTo(new StreamTrial(true, true, true, true, true));
    }

    @Test
    void vertxForgetsWhenTheListComesAnew() {
        StreamTrial trial = StreamTrial.of(Contender.VERTX_TWO_CHOICES);
        assertThat(trial.counted()).isTrue();
        assertThat(trial.afterRefresh()).isFalse();
    }

    @Test
    void ribbonForgetsAfterTenSilentMinutes() {
        StreamTrial trial = StreamTrial.of(Contender.RIBBON_BEST_AVAILABLE);
        assertThat(trial.counted()).isTrue();
        assertThat(trial.afterSilence()).isFalse();
    }

    private static Stream<Contender> counting() {
        return Stream.of(Contender.values())
                .filter(contender -> contender.kind().countsStreams());
    }

    private static Stream<Contender> ours() {
        return counting().filter(Contender::ours);
    }
}
