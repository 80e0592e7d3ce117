package dev.remora.pool;

import java.util.Objects;

/**
 * The stable identity of a back end. Counters, health and stickiness follow it, whatever happens to the back end's
 * address or its place in a list.
 *
 * @param value 1 to 128 visible ASCII characters
 */
public record BackendId(String value) implements Comparable<BackendId> {

    private static final int MAX_LENGTH = 128;

    /** Creates an identity. */
    public BackendId {
        Objects.requireNonNull(value, "value");
        if (value.isEmpty() || value.length() > MAX_LENGTH || !isVisible(value)) {
            throw new IllegalArgumentException("backend id: " + printable(value) + " (expected: 1 to " + MAX_LENGTH
                    + " visible ASCII characters)");
        }
    }

    // No stream: ids are made of cookies, on request threads.
    private static boolean isVisible(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static String printable(String value) {
        String head = value.length() > 40 ? value.substring(0, 40) + "..." : value;
        return '"' + head.replaceAll("[^\\x20-\\x7e]", "?") + '"';
    }

    @Override
    public int compareTo(BackendId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
