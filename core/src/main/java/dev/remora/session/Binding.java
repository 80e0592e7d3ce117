package dev.remora.session;

import dev.remora.pool.BackendId;
import java.util.Objects;

/**
 * What a session map remembers of a key.
 *
 * @param backend the back end that the key is bound to
 * @param fence rises with every rebind of the key, so that a holder of an older binding can be told
 */
public record Binding(BackendId backend, long fence) {
    /** Creates a binding. */
    public Binding {
        Objects.requireNonNull(backend, "backend");
    }
}
