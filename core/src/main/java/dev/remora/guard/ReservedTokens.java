package dev.remora.guard;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.Usage;
import dev.remora.http.HeaderEdits;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.Reservation;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The tokens that a stream holds. Who ends it and who tells of its usage may be two threads; the reservation knows which comes
 * first.
 */
final class ReservedTokens implements Permit {

    private final Reservation reservation;
    private final HeaderEdits fields;
    private final TokenBudget budget;

    // Written by the adapter as the answer flows, read when it ends.
    private final AtomicLong events = new AtomicLong();
    private volatile boolean sent;
    private volatile boolean flowed;
    private volatile boolean told;

    ReservedTokens(Reservation reservation, HeaderEdits fields, TokenBudget budget) {
        this.reservation = reservation;
        this.fields = fields;
        this.budget = budget;
    }

    // Asked for just before the request is sent.
    @Override
    public HeaderEdits requestEdits() {
        sent = true;
        return HeaderEdits.none();
    }

    @Override
    public HeaderEdits responseEdits() {
        return fields;
    }

    @Override
    public int wantsRequestBody() {
        return budget.bodyBytes();
    }

    @Override
    public Optional<Admission.Denied> requestBody(ByteBuffer beginning) {
        Usage revised = budget.revised(reservation.estimate(), beginning);
        Decision decision = reservation.revise(revised);
        return decision.allowed()
                ? Optional.empty()
                : Optional.of(Quotas.denied(decision, Quotas.fields(budget.limiter(), decision)));
    }

    @Override
    public void streamed(long bytes) {
        flowed = true;
    }

    @Override
    public void event() {
        events.incrementAndGet();
    }

    @Override
    public boolean wantsUsage() {
        return true;
    }

    @Override
    public boolean used(Usage soFar) {
        told = true;
        return reservation.used(withPrompt(soFar)) || !budget.stops();
    }

    // Nobody knows the prompt's tokens before the end: until then they are what they were taken for. And a stream is a
    // request, whoever tells of its tokens alone.
    private Usage withPrompt(Usage usage) {
        long input = usage.inputTokens() > 0
                ? usage.inputTokens()
                : reservation.estimate().inputTokens();
        return new Usage(Math.max(1, usage.requests()), input, usage.outputTokens());
    }

    @Override
    public void ended(Outcome outcome) {
        if (told) {
            reservation.settleSeen();
        } else if (!flowed) {
            // Who leaves before the first word has made a model read the prompt.
            boolean left = sent && outcome instanceof Outcome.Cancelled;
            reservation.settle(left ? withPrompt(Usage.ONE_REQUEST) : Usage.ONE_REQUEST);
        } else if (outcome instanceof Outcome.Success || events.get() == 0) {
            // It was all that was asked for, however much that was: what has no events is made before its first byte.
            reservation.settle(reservation.estimate());
        } else {
            reservation.settle(withPrompt(Usage.request(0, events.get())));
        }
    }
}
