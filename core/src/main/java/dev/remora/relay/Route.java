package dev.remora.relay;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.Refusal;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.http.Problems;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The way of one request to a back end: a lease, and the next ones when their back ends fail while the client has seen nothing.
 * It holds the lease and completes it exactly once.
 *
 * <p>Not thread-safe. It is used in the steps of one executor, which runs them one after the other; what the balancer says is
 * brought there.
 */
public final class Route {

    private final Traveller traveller;
    private final Executor steps;
    private @Nullable CompletableFuture<Pick> asked;
    private @Nullable Lease lease;

    /** Whose way it is. Called in a step. */
    public interface Traveller {

        /** Whether it has ended: nothing is wanted any more. */
        boolean isDone();

        /** A back end is picked; the lease stays the route's. */
        void granted(Lease lease);

        /** There is none, and this is the answer. It {@linkplain Route#end ends} the route. */
        void answer(Problem problem, HeaderEdits headers);

        /** The balancer wants the stream to end. */
        void endRequested(EndRequest wish);

        /** No pick can be made, through somebody's mistake. */
        void crashed(Throwable failure);
    }

    /**
     * A way that has not begun.
     *
     * @param steps runs what it is given one after the other and never within another step; nothing must be lost
     */
    public Route(Traveller traveller, Executor steps) {
        this.traveller = traveller;
        this.steps = steps;
    }

    /** Follows a question that the balancer has been asked. */
    public void begin(CompletableFuture<Pick> question) {
        if (question.isDone()) {
            Answer known = question.handle(Answer::new).join();
            picked(known.pick, known.failure);
            return;
        }
        // Only who waits has to be told that the client has gone.
        asked = question;
        CompletableFuture<Pick> unused = question.whenComplete((pick, failure) -> {
            if (!(failure instanceof CancellationException)) {
                steps.execute(() -> picked(pick, failure));
            }
        });
    }

    private record Answer(@Nullable Pick pick, @Nullable Throwable failure) {}

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
    public void refused(Refusal refusal) {
        traveller.answer(refusal.problem(), refusal.headers());
    }

    private void follow(Lease granted) {
        lease = granted;
        granted.onEndRequested(wish -> steps.execute(() -> {
            if (lease == granted) {
                traveller.endRequested(wish);
            }
        }));
        traveller.granted(granted);
    }

    /**
     * The attempt on the lease in hand failed before the client saw anything.
     *
     * @param mayMove whether another back end may be asked
     */
    public void failed(FailureKind kind, boolean mayMove) {
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

    /** The traveller has ended, and so does the lease, or the question. */
    public void end(Outcome outcome) {
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

    /** Somebody else completes the lease, and hears its wishes. */
    public void handOver() {
        lease = null;
    }

    /** The lease in hand. */
    public Optional<Lease> lease() {
        return Optional.ofNullable(lease);
    }

    /** What the balancer wishes of the lease in hand now: a wish may be taken back. */
    public Optional<EndRequest> endWish() {
        return lease == null ? Optional.empty() : lease.endRequest();
    }
}
