package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.http.Problem;
import java.util.Objects;

/** Lets in by address. */
final class AddressGuard implements Guard {

    private static final Admission DENIED =
            Admission.denied(Problem.of(403, "Forbidden", "your address has no access"));

    private final AddressSet set;
    private final boolean membersEnter;

    AddressGuard(AddressSet set, boolean membersEnter) {
        this.set = Objects.requireNonNull(set, "set");
        this.membersEnter = membersEnter;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        return set.contains(visitor.address()) == membersEnter ? Admission.admitted() : DENIED;
    }
}
