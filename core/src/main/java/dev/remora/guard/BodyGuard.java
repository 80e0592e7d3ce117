package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.http.Problem;
import java.util.List;

/** Lets in by the length that a request says its body has. */
final class BodyGuard implements Guard {

    private static final Admission TOO_LONG =
            Admission.denied(Problem.of(413, "Content too large", "the body is too long"));
    private static final Admission UNCLEAR =
            Admission.denied(Problem.of(400, "Bad request", "the length of the body is not a number"));

    // More digits are more than any limit, but for zeros in front that nobody writes.
    private static final int MAX_DIGITS = 18;

    private final long max;

    BodyGuard(long max) {
        if (max < 0) {
            throw new IllegalArgumentException("maxBody: " + max + " (expected: >= 0)");
        }
        this.max = max;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        List<String> lengths = request.headers("content-length");
        for (String length : lengths) {
            if (length.isEmpty() || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return UNCLEAR;
            }
            if (length.length() > MAX_DIGITS || Long.parseLong(length) > max) {
                return TOO_LONG;
            }
        }
        return Admission.admitted();
    }
}
