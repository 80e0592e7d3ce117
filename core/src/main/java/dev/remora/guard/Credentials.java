package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;

/** What this gateway shows to a back end to be let in. Thread-safe; does not block. */
@FunctionalInterface
public interface Credentials {

    /** What to change in the head of a request before it is sent to a back end. */
    HeaderEdits requestEdits(Backend backend);
}
