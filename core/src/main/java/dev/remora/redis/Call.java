package dev.remora.redis;

import java.util.List;

/**
 * A script with what it is run on.
 *
 * @param keys at least one, all of them in the slot of the first
 * @param arguments as the script counts them
 */
record Call(Script script, List<String> keys, List<String> arguments) {

    Call {
        keys = List.copyOf(keys);
        arguments = List.copyOf(arguments);
    }

    /** On one key. */
    Call(Script script, String key, String... arguments) {
        this(script, List.of(key), List.of(arguments));
    }

    /** The key that says which master is asked. */
    String key() {
        return keys.get(0);
    }
}
