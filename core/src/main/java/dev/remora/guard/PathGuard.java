package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.http.Paths;
import dev.remora.http.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Lets in by path, segment by segment. */
final class PathGuard implements Guard {

    private static final Admission AMBIGUOUS =
            Admission.denied(Problem.of(400, "Bad request", "the path may be read in more than one way"));
    private static final Admission NOT_FOUND = Admission.denied(Problem.of(404, "Not found", ""));
    private static final Admission FORBIDDEN = Admission.denied(Problem.of(403, "Forbidden", ""));

    private final List<List<String>> prefixes;
    private final boolean belowEnters;

    PathGuard(boolean belowEnters, String... prefixes) {
        if (prefixes.length == 0) {
            throw new IllegalArgumentException("paths: none (expected: at least one)");
        }
        this.belowEnters = belowEnters;
        this.prefixes = Arrays.stream(prefixes).map(PathGuard::segments).toList();
    }

    private static List<String> segments(String prefix) {
        List<String> segments = Paths.unambiguousSegments(prefix)
                .orElseThrow(() -> new IllegalArgumentException(
                        "path: " + prefix + " (expected: a slash and plain segments, as in /v1/chat)"));
        return withoutLastSlash(segments);
    }

    /** {@code /admin/} stands for the same place as {@code /admin}. */
    private static List<String> withoutLastSlash(List<String> segments) {
        int last = segments.size() - 1;
        return segments.get(last).isEmpty() ? segments.subList(0, last) : segments;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        Optional<List<String>> path = Paths.unambiguousSegments(request.path());
        if (path.isEmpty()) {
            return AMBIGUOUS;
        }
        if (isBelowAny(path.get()) == belowEnters) {
            return Admission.admitted();
        }
        return belowEnters ? NOT_FOUND : FORBIDDEN;
    }

    private boolean isBelowAny(List<String> path) {
        for (List<String> prefix : prefixes) {
            if (prefix.size() <= path.size() && path.subList(0, prefix.size()).equals(prefix)) {
                return true;
            }
        }
        return false;
    }
}
