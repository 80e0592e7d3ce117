package dev.remora.health;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/** However faults and good signs interleave, they give what some order of them gives; one call sees a run reach its limit. */
final class RunsModelTest {

    private static final long[] KINDS = {
        Runs.ERROR, Runs.ERROR + Runs.GATEWAY_ERROR, Runs.ABORT, Runs.STALL + Runs.FIRST_BYTE_TIMEOUT
    };

    @Test
    void theWordOfRuns() {
        new ModelCheckingOptions()
                .actorsBefore(0)
                .threads(2)
                .actorsPerThread(3)
                .actorsAfter(3)
                .iterations(20)
                .invocationsPerIteration(100)
                .check(Faults.class);
        new StressOptions()
                .actorsBefore(0)
                .threads(3)
                .actorsPerThread(2)
                .actorsAfter(3)
                .iterations(20)
                .invocationsPerIteration(300)
                .check(Faults.class);
    }

    public static final class Faults {

        private final Runs runs = new Runs(Runs.limit(Runs.ERROR, 3)
                + Runs.limit(Runs.GATEWAY_ERROR, 2)
                + Runs.limit(Runs.ABORT, 2)
                + Runs.limit(Runs.STALL, 1));

        @Operation
        public boolean lengthen(@Param(gen = IntGen.class, conf = "0:3") int kinds) {
            return runs.lengthen(KINDS[kinds], 0);
        }

        @Operation
        public boolean error() {
            return runs.lengthen(Runs.ERROR, Runs.GATEWAY_ERROR);
        }

        @Operation
        public void end(@Param(gen = IntGen.class, conf = "0:3") int kinds) {
            runs.end(KINDS[kinds]);
        }
    }
}
