package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import java.util.Set;
import java.util.TreeSet;

/** Lets in by method. */
final class MethodGuard implements Guard {

    private final Set<String> allowed;
    private final Admission denied;

    MethodGuard(Set<String> allowed) {
        if (allowed.isEmpty()) {
            throw new IllegalArgumentException("methods: none (expected: at least one)");
        }
        allowed.forEach(method -> Tokens.valid("method", method));
        this.allowed = Set.copyOf(allowed);
        this.denied = Admission.denied(
                Problem.of(405, "Method not allowed", ""),
                HeaderEdits.add("allow", String.join(", ", new TreeSet<>(allowed))));
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        return allowed.contains(request.method()) ? Admission.admitted() : denied;
    }
}
