package dev.remora;

import dev.remora.health.HealthProbe.Initially;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.health.ProbeAnswer;
import java.time.Duration;

/** What the answers of one back end's probes amount to: so many in a row turn the verdict. Used by one thread at a time. */
final class ProbeVerdict {

    private final Timing timing;

    private boolean fit;
    // Whether an answer has spoken, or none is waited for.
    private boolean decided;
    // Answers in a row that speak against the verdict.
    private int contrary;

    /** @param fit what was believed before */
    ProbeVerdict(Timing timing, boolean fit) {
        this.timing = timing;
        this.fit = fit;
        this.decided = fit || timing.initially() == Initially.UP;
    }

    boolean fit() {
        return fit;
    }

    /**
     * Takes one more answer.
     *
     * @return whether the verdict is another one now, or is the first one that rests on an answer
     */
    boolean note(ProbeAnswer answer) {
        contrary = answer.passed() == fit ? 0 : contrary + 1;
        boolean turned =
                contrary > 0 && (answer.certain() || alone() || contrary >= (fit ? timing.fall() : timing.rise()));
        boolean confirmed = contrary == 0 && !decided;
        if (turned) {
            fit = answer.passed();
            contrary = 0;
        }
        decided |= turned || confirmed;
        return turned || confirmed;
    }

    /** How long to wait after the last answer. */
    Duration pause() {
        if (contrary > 0 || !decided) {
            return timing.unsureInterval();
        }
        return fit ? timing.interval() : timing.downInterval();
    }

    private boolean alone() {
        return !decided && timing.initially() == Initially.UNTIL_FIRST;
    }
}
