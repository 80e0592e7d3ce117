package dev.remora.guard;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.Usage;
import dev.remora.http.HeaderEdits;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.RateLimiter;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** One request of a key, which a limiter lets pass or not. */
final class RateGuard implements Guard {

    private final LimitKey key;
    private final RateLimiter limiter;

    RateGuard(LimitKey key, RateLimiter limiter) {
        this.key = key;
        this.limiter = limiter;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        Optional<String> whose = key.of(request, visitor);
        if (whose.isEmpty()) {
            return Admission.admitted();
        }
        if (!visitor.mayWait()) {
            return admission(limiter.decide(whose.get(), Usage.ONE_REQUEST));
        }
        CompletionStage<Decision> decision = limiter.acquire(whose.get(), Usage.ONE_REQUEST);
        var known = decision.toCompletableFuture();
        return known.isDone() ? admission(known.join()) : Admission.pending(decision.thenApply(this::admission));
    }

    private Admission admission(Decision decision) {
        HeaderEdits fields = Quotas.fields(limiter, decision);
        return decision.allowed() ? Admission.admitted(new Granted(fields)) : Quotas.denied(decision, fields);
    }

    /** What was taken stays taken, however the stream ends. */
    private record Granted(HeaderEdits responseEdits) implements Permit {
        @Override
        public void ended(Outcome outcome) {}
    }
}
