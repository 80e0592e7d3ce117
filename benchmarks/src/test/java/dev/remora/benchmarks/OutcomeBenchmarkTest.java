package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.benchmarks.OutcomeBenchmark.Place;
import dev.remora.benchmarks.OutcomeBenchmark.Pool;
import dev.remora.benchmarks.OutcomeBenchmark.Recorder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutcomeBenchmarkTest {

    @ParameterizedTest
    @EnumSource
    void allMembersStayInWhateverIsMeasured(Recorder recorder) {
        OutcomeBenchmark benchmark = new OutcomeBenchmark();
        Pool pool = new Pool();
        pool.recorder = recorder;
        pool.open();
        Place place = new Place();
        for (int i = 0; i < 100_000; i++) {
            benchmark.responded(pool, place);
            benchmark.ended(pool, place);
            benchmark.streamsOfWhichSomeFail(pool, place);
        }
        assertThat(pool.members).hasSize(Pool.MEMBERS).allMatch(member -> member.fit(Long.MAX_VALUE / 2));
    }
}
