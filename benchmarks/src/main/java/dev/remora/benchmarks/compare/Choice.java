package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Chooser;
import dev.remora.benchmarks.peer.Contender;

/** The first kind of choice that a contender knows. */
final class Choice {

    private Choice() {}

    static int of(Contender contender, Chooser chooser, int key) {
        if (contender.kind().takesHash()) {
            return chooser.byHash(key);
        }
        return contender.kind().takesText() ? chooser.byText(key) : chooser.withoutKey();
    }
}
