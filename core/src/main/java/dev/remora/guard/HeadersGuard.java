package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.http.Problem;

/** Lets in by the length of the headers. */
final class HeadersGuard implements Guard {

    private static final Admission TOO_LONG =
            Admission.denied(Problem.of(431, "Request header fields too large", "the headers together are too long"));

    private final int max;

    HeadersGuard(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("maxHeaders: " + max + " (expected: >= 1)");
        }
        this.max = max;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        return request.headersLength() > max ? TOO_LONG : Admission.admitted();
    }
}
