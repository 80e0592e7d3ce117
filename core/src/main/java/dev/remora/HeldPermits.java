package dev.remora;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.Usage;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.guard.Permit;
import dev.remora.http.HeaderEdits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the guards have granted to one request. What a permit throws when it ends is its own affair: the others hear of the end
 * all the same. Owned as the attempt is, and complete before the lease is handed out.
 */
final class HeldPermits {

    private static final Logger log = LoggerFactory.getLogger(Guard.class);

    // In a compressed answer nobody finds tokens, and whether it is compressed is the client's choice.
    private static final HeaderEdits READABLE = headers -> headers.set("accept-encoding", "identity");

    // Replaced when they end, so that whoever just tells them of an event is not disturbed.
    private volatile List<Permit> permits = new ArrayList<>(2);
    private final List<CompletableFuture<Admission>> pending = new ArrayList<>(0);

    void hold(Permit permit) {
        permits.add(permit);
    }

    /** An answer that is still to come. */
    void await(CompletableFuture<Admission> answer) {
        pending.add(answer);
    }

    boolean isPending() {
        return !pending.isEmpty();
    }

    /** Complete when all answers are there. */
    CompletableFuture<Void> answers() {
        return CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new));
    }

    /**
     * Takes the answers that have come.
     *
     * @return the first that denies
     * @throws IllegalStateException if one is no answer; what the others grant is held then too
     */
    Optional<Admission.Denied> takeAnswers() {
        Optional<Admission.Denied> denied = Optional.empty();
        boolean unanswered = false;
        for (CompletableFuture<Admission> answer : pending) {
            Admission admission = answer.join();
            if (admission instanceof Admission.Admitted admitted) {
                admitted.permit().ifPresent(permits::add);
            } else if (admission instanceof Admission.Denied first) {
                denied = denied.or(() -> Optional.of(first));
            } else {
                unanswered = true;
            }
        }
        pending.clear();
        if (unanswered) {
            throw new IllegalStateException("a guard's answer that came later is none (expected: admitted or denied)");
        }
        return denied;
    }

    /** Gives back all that was granted, the last one first, and what is still to come when it comes. */
    void end(Outcome outcome) {
        List<Permit> held = permits;
        permits = new ArrayList<>(0);
        for (int i = held.size() - 1; i >= 0; i--) {
            end(held.get(i), outcome);
        }
        for (CompletableFuture<Admission> late : pending) {
            CompletableFuture<Void> unused = late.thenAccept(admission -> {
                if (admission instanceof Admission.Admitted admitted) {
                    admitted.permit().ifPresent(permit -> end(permit, Outcome.cancelled()));
                }
            });
        }
        pending.clear();
    }

    private static void end(Permit permit, Outcome outcome) {
        try {
            permit.ended(outcome);
        } catch (RuntimeException e) {
            log.warn("a guard's permit threw; the others are released all the same", e);
        }
    }

    HeaderEdits requestEdits() {
        HeaderEdits edits = all(permits.stream().map(Permit::requestEdits).toArray(HeaderEdits[]::new));
        return wantsUsage() ? HeaderEdits.all(edits, READABLE) : edits;
    }

    HeaderEdits responseEdits() {
        return all(permits.stream().map(Permit::responseEdits).toArray(HeaderEdits[]::new));
    }

    private static HeaderEdits all(HeaderEdits... edits) {
        return edits.length == 1 ? edits[0] : HeaderEdits.all(edits);
    }

    int wantsRequestBody() {
        return permits.stream().mapToInt(Permit::wantsRequestBody).max().orElse(0);
    }

    /** Shows the body to those who want to see it, to each no more than it wants. */
    Optional<Admission.Denied> requestBody(ByteBuffer beginning) {
        for (Permit permit : permits) {
            int wanted = permit.wantsRequestBody();
            if (wanted > 0) {
                ByteBuffer shown = beginning.asReadOnlyBuffer();
                shown.limit(shown.position() + Math.min(wanted, shown.remaining()));
                Optional<Admission.Denied> denied = permit.requestBody(shown);
                if (denied.isPresent()) {
                    return denied;
                }
            }
        }
        return Optional.empty();
    }

    void streamed(long bytes) {
        for (Permit permit : permits) {
            permit.streamed(bytes);
        }
    }

    void event() {
        for (Permit permit : permits) {
            permit.event();
        }
    }

    boolean wantsUsage() {
        for (Permit permit : permits) {
            if (permit.wantsUsage()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the stream may go on, in the eyes of all. */
    boolean used(Usage soFar) {
        boolean mayGoOn = true;
        for (Permit permit : permits) {
            mayGoOn &= permit.used(soFar);
        }
        return mayGoOn;
    }
}
