package dev.remora.servlet;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.Refusal;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.http.Problems;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The way of one request to a back end: a lease, and the next ones when their back ends fail while the client has seen
 * nothing. It holds the lease and completes it exactly once. Used in the serial of its exchange.
 */
final class Route {

    private final Traveller traveller;
    private final Serial serial;
    private @Nullable CompletableFuture<Pick> asked;
    private @Nullable Lease lease;

    /** Whose way it is; called in the serial. */
    interface Traveller {

        /** Whether it has ended: nothing is wanted any more. */
        boolean isDone();

        /** A back end is picked. */
        void granted(Lease lease);

        /** There is none, and this is the answer. */
        void answer(Problem problem, HeaderEdits headers);

        /** The balancer wants the stream to end. */
        void endRequested(EndRequest wish);

        /** No pick can be made, through somebody's mistake. */
        void crashed(Throwable failure);
    }

    Route(Traveller traveller, Serial serial) {
        this.traveller = traveller;
        this.serial = serial;
    }

    /** Follows a question that has been asked. */
    void begin(CompletableFuture<Pick> question) {
        // Only who waits has to be told that the client has gone.
        asked = question.isDone() ? null : question;
        CompletableFuture<Pick> unused = question.whenComplete((pick, failure) -> {
            if (!(failure instanceof CancellationException)) {
                serial.execute(() -> picked(pick, failure));
            }
        });
    }

    private void picked(@Nullable Pick pick, @Nullable Throwable failure) {
        asked = null;
        if (pick instanceof Lease granted) {
            if (traveller.isDone()) {
                granted.complete(Outcome.cancelled());
            } else {
                follow(granted);
            }
        } else if (pick instanceof Refusal refusal && !traveller.isDone()) {
            refused(refusal);
        } else if (failure != null && !traveller.isDone()) {
            traveller.crashed(failure);
        }
    }

    /** The request is refused after all. */
    void refused(Refusal refusal) {
        traveller.answer(refusal.problem(), refusal.headers());
    }

    private void follow(Lease granted) {
        lease = granted;
        granted.onEndRequested(wish -> serial.execute(() -> {
            if (lease == granted) {
                traveller.endRequested(wish);
            }
        }));
        traveller.granted(granted);
    }

    /** The attempt on the lease in hand failed before the client saw anything. */
    void failed(FailureKind kind, boolean mayMove) {
        Lease ended = lease;
        if (ended == null) {
            return;
        }
        lease = null;
        if (!mayMove) {
            ended.complete(Outcome.failure(kind));
            traveller.answer(Problems.of(kind), HeaderEdits.none());
            return;
        }
        Pick next = ended.retry(new Outcome.Failure(kind));
        if (next instanceof Lease granted) {
            follow(granted);
        } else if (next instanceof Refusal refusal && refusal.reason() == Refusal.Reason.SATURATED) {
            refused(refusal);
        } else {
            traveller.answer(Problems.of(kind), HeaderEdits.none());
        }
    }

    /** The exchange has ended, and so does the lease. */
    void end(Outcome outcome) {
        Lease ended = lease;
        CompletableFuture<Pick> asking = asked;
        lease = null;
        asked = null;
        if (asking != null) {
            asking.cancel(false);
        }
        if (ended != null) {
            ended.complete(outcome);
        }
    }

    /** Somebody else completes the lease. */
    void handOver() {
        lease = null;
    }

    /** What the balancer wishes of the lease in hand now: a wish may be taken back. */
    @Nullable
    EndRequest endWish() {
        return lease == null ? null : lease.endRequest().orElse(null);
    }
}
