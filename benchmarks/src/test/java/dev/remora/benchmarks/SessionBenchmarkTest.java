package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.benchmarks.SessionBenchmark.Bare;
import dev.remora.benchmarks.SessionBenchmark.Local;
import dev.remora.benchmarks.SessionBenchmark.Sessions;
import dev.remora.benchmarks.SessionBenchmark.Shared;
import dev.remora.benchmarks.SessionBenchmark.Turn;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionBenchmarkTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000})
    void everyLookIsAHit(int number) {
        SessionBenchmark benchmark = new SessionBenchmark();
        Sessions sessions = new Sessions();
        sessions.sessions = number;
        sessions.open();
        Turn turn = new Turn();
        turn.open(sessions);
        Bare bare = new Bare();
        bare.open(sessions);
        Local local = new Local();
        local.open(sessions);
        Shared shared = new Shared();
        shared.open(sessions);
        for (int i = 0; i < 10_000; i++) {
            assertThat(benchmark.nextKey(turn)).isNotNull();
            assertThat(benchmark.bareCaffeine(bare, turn)).isNotNull();
            assertThat(benchmark.localPeek(local, turn)).isPresent();
            assertThat(benchmark.sharedPeek(shared, turn)).isPresent();
        }
        // Both throw if a session is not known any more, or Redis does not stand for it.
        local.close(sessions);
        shared.close(sessions);
    }
}
