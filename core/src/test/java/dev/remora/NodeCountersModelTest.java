package dev.remora;

import static dev.remora.Model.require;

import java.util.concurrent.atomic.LongAdder;
import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** However calls on the counters of a node interleave, they give what some order of whole calls gives. */
final class NodeCountersModelTest {

    @Test
    void enteringAndRetiring() {
        Model.check(Entering.class);
        Model.stress(Entering.class);
    }

    @Test
    void enteringAndLeaving() {
        Model.check(Leaving.class);
        Model.stress(Leaving.class);
    }

    /** A node that nobody has entered. */
    public static final class Entering {

        private final NodeCounters counters = new NodeCounters(new LongAdder());

        @Operation
        public boolean tryEnter(@Param(gen = IntGen.class, conf = "1:3") int cap) {
            return counters.tryEnter(cap);
        }

        @Operation
        public boolean tryRetire() {
            return counters.tryRetire();
        }

        @Operation
        public int openStreams() {
            return counters.openStreams();
        }

        @Operation
        public int waitingStreams() {
            return counters.waitingStreams();
        }
    }

    /** A node with more streams than a scenario has calls, so that each of them may leave or get its response. */
    public static final class Leaving {

        private static final int INSIDE = 100;

        private final LongAdder all = new LongAdder();
        private final NodeCounters counters = new NodeCounters(all);

        public Leaving() {
            for (int i = 0; i < INSIDE; i++) {
                counters.tryEnter(INSIDE);
            }
        }

        @Operation
        public boolean tryEnter(@Param(gen = IntGen.class, conf = "99:102") int cap) {
            return counters.tryEnter(cap);
        }

        @Operation
        public void leave(@Param(gen = BooleanGen.class) boolean stillWaiting) {
            counters.leave(stillWaiting, NodeCounters.STEPS_PER_COST);
        }

        @Operation
        public void responded() {
            counters.responded();
        }

        @Operation
        public int openStreams() {
            return counters.openStreams();
        }

        @Operation
        public int waitingStreams() {
            return counters.waitingStreams();
        }

        // The load is a word of its own, so it need not fit the streams before all calls have returned.
        @Validate
        public void loadIsTheSumOfTheCosts() {
            long load = all.sum() / NodeCounters.STEPS_PER_COST;
            require(counters.load() == load, "all load is this node's");
            require(load == counters.openStreams(), "each open stream costs 1");
        }
    }
}
