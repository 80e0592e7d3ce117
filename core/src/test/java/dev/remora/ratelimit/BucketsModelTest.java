package dev.remora.ratelimit;

import dev.remora.Model;
import java.time.Duration;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** However calls on a bucket interleave, they give what some order of whole calls gives. */
final class BucketsModelTest {

    @Test
    void takingChargingAndGivingBack() {
        Model.check(OneBucket.class);
        Model.stress(OneBucket.class);
    }

    @Test
    void forgettingWhileOthersTake() {
        Model.check(Forgotten.class);
        Model.stress(Forgotten.class);
    }

    /** A bucket of four, at a moment. */
    public static final class OneBucket {

        private final Pace pace =
                new Pace(Limit.requests(4, Duration.ofSeconds(4)).withMaxDebt(2));
        private final Buckets bucket = new Buckets("a", new Pace[] {pace}, 0, 0);

        @Operation
        public boolean take(@Param(gen = IntGen.class, conf = "1:3") int units) {
            return bucket.take(0, pace, pace.cost(units), 0) == Buckets.TAKEN;
        }

        @Operation
        public boolean charge(@Param(gen = IntGen.class, conf = "1:3") int units) {
            return bucket.charge(0, pace, pace.charge(units), 0);
        }

        @Operation
        public void refund(@Param(gen = IntGen.class, conf = "1:3") int units) {
            bucket.refund(0, pace.charge(units), 0);
        }

        @Operation
        public long missing() {
            return bucket.missing(0, 0);
        }
    }

    /** A bucket that is full, and may be forgotten. */
    public static final class Forgotten {

        private final Pace pace = new Pace(Limit.requests(4, Duration.ofSeconds(4)));
        private final Buckets bucket = new Buckets("a", new Pace[] {pace}, 0, 0);

        @Operation
        public long take() {
            return bucket.take(0, pace, pace.cost(1), 0);
        }

        @Operation
        public boolean charge() {
            return bucket.charge(0, pace, pace.charge(1), 0);
        }

        @Operation
        public void refund() {
            bucket.refund(0, pace.charge(1), 0);
        }

        @Operation
        public boolean forget() {
            return bucket.forget(pace, 0);
        }
    }
}
