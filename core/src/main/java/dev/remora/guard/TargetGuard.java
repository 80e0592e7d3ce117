package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.http.Problem;

/** Lets in by the length of the target. */
final class TargetGuard implements Guard {

    private static final Admission TOO_LONG =
            Admission.denied(Problem.of(414, "URI too long", "the path or the query is too long"));

    private final int max;

    TargetGuard(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("maxTarget: " + max + " (expected: >= 1)");
        }
        this.max = max;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        return request.target().length() > max ? TOO_LONG : Admission.admitted();
    }
}
