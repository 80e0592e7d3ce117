package dev.remora.http;

import java.util.List;
import java.util.Set;

/**
 * The mutable headers of a message, as an adapter lends them. Names are compared without regard to case. Not
 * thread-safe.
 */
public interface Headers {

    /** The names present, each once, as a copy that later edits do not change. */
    Set<String> names();

    /** All values of a name in order, as a copy; empty when there is none. */
    List<String> values(String name);

    /** Adds a value behind those that a name has. */
    void add(String name, String value);

    /** Removes all values of a name; does nothing when there is none. */
    void remove(String name);

    /** Replaces all values of a name by one. */
    default void set(String name, String value) {
        remove(name);
        add(name, value);
    }
}
