package dev.remora.benchmarks;

import java.time.Duration;

/**
 * What a back end answers to every request.
 *
 * @param events how many events, at least 1
 * @param gap between two events, above 0
 * @param ends whether the stream ends after the last event, or stays open in silence
 */
record Script(int events, Duration gap, boolean ends) {

    Script {
        if (events < 1) {
            throw new IllegalArgumentException("events: " + events + " (expected: >= 1)");
        }
        if (gap.isZero() || gap.isNegative()) {
            throw new IllegalArgumentException("gap: " + gap + " (expected: > 0)");
        }
    }
}
