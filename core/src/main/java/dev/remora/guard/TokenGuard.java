package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.Reservation;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The tokens of a request, which a budget lets pass or not. */
final class TokenGuard implements Guard {

    private final LimitKey key;
    private final TokenBudget budget;

    TokenGuard(LimitKey key, TokenBudget budget) {
        this.key = key;
        this.budget = budget;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        Optional<String> whose = key.of(request, visitor);
        if (whose.isEmpty()) {
            return Admission.admitted();
        }
        var estimate = budget.estimate(request);
        if (!visitor.mayWait()) {
            return admission(budget.limiter().reserve(whose.get(), estimate));
        }
        CompletionStage<Reservation> reservation = budget.limiter().reserveLater(whose.get(), estimate);
        var known = reservation.toCompletableFuture();
        return known.isDone() ? admission(known.join()) : Admission.pending(reservation.thenApply(this::admission));
    }

    private Admission admission(Reservation reservation) {
        Decision decision = reservation.decision();
        var fields = Quotas.fields(budget.limiter(), decision);
        return decision.allowed()
                ? Admission.admitted(new ReservedTokens(reservation, fields, budget))
                : Quotas.denied(decision, fields);
    }
}
