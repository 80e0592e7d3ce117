package dev.remora.http;

import java.util.Optional;

/** Reading of paths. Stateless. */
public final class Paths {

    private Paths() {}

    /**
     * A segment of a path, percent-decoded; nothing when there is none, or it is not decodable.
     *
     * @param index 0 for the one behind the first slash
     */
    public static Optional<String> segment(String path, int index) {
        int start = path.startsWith("/") ? 1 : 0;
        for (int i = 0; i < index; i++) {
            int slash = path.indexOf('/', start);
            if (slash < 0) {
                return Optional.empty();
            }
            start = slash + 1;
        }
        int end = path.indexOf('/', start);
        // In a path a plus sign is a plus sign.
        return PercentCoding.decoded(path.substring(start, end < 0 ? path.length() : end), false);
    }
}
