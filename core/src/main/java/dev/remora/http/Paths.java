package dev.remora.http;

import java.util.ArrayList;
import java.util.List;
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

    /**
     * The segments of a path, percent-decoded, if every server reads them alike; the last one is empty when the path ends in
     * a slash. Nothing for a path that one server may take for another one than the next: with {@code .} or {@code ..}, with an
     * empty segment in the middle, with a backslash, parameters ({@code ;}), a control character, or a delimiter or percent sign that
     * is encoded, and for one that is not decodable or does not begin with a slash. Whoever writes such paths has found servers
     * that strip, merge or decode them twice.
     */
    public static Optional<List<String>> unambiguousSegments(String path) {
        if (!path.startsWith("/")) {
            return Optional.empty();
        }
        String[] encoded = path.substring(1).split("/", -1);
        List<String> segments = new ArrayList<>(encoded.length);
        for (int i = 0; i < encoded.length; i++) {
            Optional<String> segment = PercentCoding.decoded(encoded[i], false);
            boolean mayBeEmpty = i == encoded.length - 1;
            if (segment.isEmpty() || !isUnambiguous(segment.get(), mayBeEmpty)) {
                return Optional.empty();
            }
            segments.add(segment.get());
        }
        return Optional.of(segments);
    }

    private static boolean isUnambiguous(String segment, boolean mayBeEmpty) {
        if (segment.isEmpty()) {
            return mayBeEmpty;
        }
        return !segment.equals(".")
                && !segment.equals("..")
                && segment.chars().noneMatch(c -> Character.isISOControl(c) || "/\\;?#%".indexOf(c) >= 0);
    }
}
