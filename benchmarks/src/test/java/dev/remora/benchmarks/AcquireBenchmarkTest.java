package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Lease;
import dev.remora.PickReason;
import dev.remora.benchmarks.AcquireBenchmark.Caller;
import dev.remora.benchmarks.AcquireBenchmark.Shared;
import dev.remora.benchmarks.AcquireBenchmark.Sharing;
import dev.remora.exchange.Outcome;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.infra.ThreadParams;

class AcquireBenchmarkTest {

    @ParameterizedTest
    @EnumSource
    void everyRequestIsPickedForTheReasonThatIsMeasured(TiedBy tiedBy) {
        PickReason expected = switch (tiedBy) {
            case NOTHING -> PickReason.BALANCED;
            case ADDRESS_HASH -> PickReason.HASH;
            case SIGNED_COOKIE, UNSEEN_COOKIE, SESSION_MAP -> PickReason.STICKY;
        };
        try (BusyPool pool = new BusyPool(tiedBy, 100)) {
            for (int i = 0; i < TiedBy.REQUESTS; i++) {
                Lease lease = pool.acquire(pool.request(i));
                assertThat(lease.reason()).isEqualTo(expected);
                lease.complete(Outcome.success());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyCallPicksOnceAndLeavesNothingOpen(Sharing sharing) {
        AcquireBenchmark benchmark = new AcquireBenchmark();
        Shared shared = new Shared();
        shared.backends = 3;
        shared.tiedBy = TiedBy.NOTHING;
        shared.sharing = sharing;
        shared.open();
        Caller caller = new Caller();
        caller.open(shared, new ThreadParams(1, 2, 0, 1, 0, 1, 0, 2, 1, 2));
        for (int i = 0; i < 1_000; i++) {
            assertThat(benchmark.acquireAndComplete(caller, blackhole())).isTrue();
        }
        // Both throw if a stream is still open.
        caller.close(shared);
        shared.close();
    }

    private static Blackhole blackhole() {
        return new Blackhole(
                "Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.");
    }
}
