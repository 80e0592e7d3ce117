package dev.remora.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.benchmarks.peer.Contender;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MovesTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void onlyKeysThatCouldHaveStayedCount() {
        int[] before = {0, 1, 2, 0};
        int[] withThree = {3, 1, 0, 0};
        int[] withoutOne = {0, 2, 0, 0};
        assertThat(Moves.of(before, withThree, withoutOne, 1, 3)).isEqualTo(new Moves(0.25, 0.25, 4));
    }

    @Test
    void rendezvousHashingMovesNothingWithoutNeed() {
        Moves moves = Moves.of(Contender.REMORA_RENDEZVOUS_HASH, 10, LONG);
        assertThat(moves.onAdd()).isZero();
        assertThat(moves.onRemove()).isZero();
    }

    @Test
    void aHashOfThePlaceInTheListMovesTheKeysOfAllLaterMembers() {
        Moves moves = Moves.of(Contender.GUAVA_JUMP, 10, LONG);
        assertThat(moves.onAdd()).isZero();
        assertThat(moves.onRemove()).isCloseTo(0.39, within(0.02));
    }
}
