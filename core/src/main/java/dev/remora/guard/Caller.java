package dev.remora.guard;

import java.util.Objects;

/**
 * Somebody whom a guard has recognised, by an API key for example.
 *
 * @param label by which this one is told from others, in limits, logs and metrics; never the secret itself
 * @param plan which limits apply: the name of a group of callers
 */
public record Caller(String label, String plan) {

    /** Creates a caller. */
    public Caller {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(plan, "plan");
    }
}
