package dev.remora;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.ResponseView;
import dev.remora.exchange.Usage;
import dev.remora.health.HealthTracker.Verdict;
import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One stream on one back end.
 *
 * <p>{@code state} packs the phase (two low bits) and the cost in steps (the rest) in one word. Every change is a
 * compare-and-set of the word, and exactly the difference that was swapped out is applied to the node's counters: so a
 * cost changed while the stream ends is neither lost nor counted twice, and only one call can end the stream.
 */
final class StreamLease implements Lease {

    private static final int PHASE_BITS = 2;
    private static final long PHASE_MASK = (1 << PHASE_BITS) - 1;
    private static final long WAITING = 0;
    private static final long STREAMING = 1;
    private static final long ENDED = 2;
    private static final long ENDED_UNANSWERED = 3;
    private static final double MAX_COST = 1_000_000;

    private static final int POLICY_VIOLATION = 1008;
    private static final EndRequest EXHAUSTED = new EndRequest(
            EndRequest.Reason.EXHAUSTED, EndRequest.Urgency.NOW, POLICY_VIOLATION, Duration.ofSeconds(1));

    private static final VarHandle STATE = field("state", long.class);
    private static final VarHandle BYTES = field("bytes", long.class);
    private static final VarHandle EVENTS = field("events", int.class);
    private static final VarHandle END_WISH = field("endWish", EndWish.class);
    private static final VarHandle VERDICT = field("verdict", Verdict.class);
    private static final VarHandle LAST_ACTIVE = field("lastActive", int.class);

    final Attempt attempt;
    final LiveNode node;
    private final PickReason reason;
    private final long pickedAt;

    private volatile long state = word(WAITING, NodeCounters.STEPS_PER_COST);
    // Written by the adapter as the answer flows, read when it ends.
    private volatile long bytes;
    private volatile int events;
    private volatile EndWish endWish = EndWish.NONE;
    // What it has been judged: changed by compare-and-set, so that it is one failure at most.
    private volatile Verdict verdict = Verdict.NONE;
    // Null unless somebody looks for stalled streams. Set when the response begins, before any other thread sees it.
    private @Nullable StreamActivity activity;
    // In ticks of the engine (Engine.tick), 0 before anything flowed. Written only if the engine looks at it.
    private volatile int lastActive;

    StreamLease(Attempt attempt, LiveNode node, PickReason reason, long pickedAt) {
        this.attempt = attempt;
        this.node = node;
        this.reason = reason;
        this.pickedAt = pickedAt;
    }

    @Override
    public Backend backend() {
        return node.backend();
    }

    @Override
    public PickReason reason() {
        return reason;
    }

    @Override
    public HeaderEdits requestEdits() {
        return attempt.engine().requestEdits(this);
    }

    @Override
    public HeaderEdits responseStarted(ResponseView response) {
        long seen = state;
        while (phase(seen) == WAITING) {
            long swapped = (long) STATE.compareAndExchange(this, seen, word(STREAMING, cost(seen)));
            if (swapped == seen) {
                attempt.engine().responded(this, response, pickedAt);
                break;
            }
            seen = swapped;
        }
        HeaderEdits ties =
                attempt.engine().ties().responseEdits(attempt, backend().id(), response);
        HeldPermits permits = attempt.permits();
        return permits == null ? ties : HeaderEdits.all(ties, permits.responseEdits());
    }

    @Override
    public boolean wantsBodyBeginning() {
        return attempt.engine().learnsFromBodies();
    }

    @Override
    public void bodyBegins(ByteBuffer bytes) {
        if (wantsBodyBeginning()) {
            attempt.engine().learnFrom(this, bytes);
        }
    }

    @Override
    public void streamed(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("bytes: " + count + " (expected: >= 0)");
        }
        BYTES.getAndAdd(this, count);
        HeldPermits permits = attempt.permits();
        if (permits != null) {
            permits.streamed(count);
        }
        if (activity != null && count > 0) {
            attempt.engine().health().moved(this, activity);
        }
        touch();
    }

    @Override
    public void event() {
        EVENTS.getAndAdd(this, 1);
        HeldPermits permits = attempt.permits();
        if (permits != null) {
            permits.event();
        }
        if (activity != null) {
            attempt.engine().health().moved(this, activity);
        }
        touch();
    }

    @Override
    public boolean wantsUsage() {
        HeldPermits permits = attempt.permits();
        return permits != null && permits.wantsUsage();
    }

    @Override
    public void used(Usage soFar) {
        HeldPermits permits = attempt.permits();
        if (permits != null && !ended() && !permits.used(soFar)) {
            boolean unused = requestEnd(EXHAUSTED);
        }
    }

    @Override
    public int wantsRequestBody() {
        HeldPermits permits = attempt.permits();
        return permits == null ? 0 : permits.wantsRequestBody();
    }

    @Override
    public Optional<Refusal> requestBody(ByteBuffer beginning) {
        HeldPermits permits = attempt.permits();
        return permits == null
                ? Optional.empty()
                : permits.requestBody(beginning).map(Refusal::denied);
    }

    @Override
    public void paused(boolean paused) {
        if (activity != null) {
            attempt.engine().health().paused(activity, paused);
        }
    }

    private void touch() {
        if (attempt.engine().looksAtActivity()) {
            LAST_ACTIVE.setOpaque(this, Engine.tick(attempt.engine().nanos()));
        }
    }

    /** For how many ticks nothing has flowed, or since the pick if nothing ever did. */
    int idleTicks(long nowNanos) {
        int last = lastActive;
        return Engine.tick(nowNanos) - (last == 0 ? Engine.tick(pickedAt) : last);
    }

    long pickedAt() {
        return pickedAt;
    }

    /** What it counts for now. */
    double cost() {
        return NodeCounters.inCosts(cost(state));
    }

    @Override
    public void cost(double cost) {
        if (!(cost >= 0 && cost <= MAX_COST)) {
            throw new IllegalArgumentException("cost: " + cost + " (expected: 0 to 1000000)");
        }
        long steps = Math.round(cost * NodeCounters.STEPS_PER_COST);
        long seen = state;
        while (phase(seen) < ENDED) {
            long swapped = (long) STATE.compareAndExchange(this, seen, word(phase(seen), steps));
            if (swapped == seen) {
                node.counters().addLoad(steps - cost(seen));
                return;
            }
            seen = swapped;
        }
    }

    @Override
    public boolean complete(Outcome outcome) {
        if (!end()) {
            return false;
        }
        try {
            attempt.endPermits(outcome);
        } finally {
            try {
                attempt.engine().ended(this, outcome, pickedAt, bytes, events);
            } finally {
                attempt.engine().left(node);
            }
        }
        return true;
    }

    @Override
    public Pick retry(Outcome.Failure failure) {
        if (!end()) {
            throw new IllegalStateException("the stream has ended (expected: retry instead of complete)");
        }
        try {
            attempt.engine().ended(this, failure, pickedAt, bytes, events);
            return attempt.engine().next(attempt, node.backend().id(), failure);
        } catch (RuntimeException | Error e) {
            attempt.endPermits(Outcome.cancelled());
            throw e;
        } finally {
            attempt.engine().left(node);
        }
    }

    @Override
    public void onEndRequested(Consumer<EndRequest> listener) {
        EndWish before = change(wish -> wish.listenedBy(listener));
        if (before.request() != null) {
            listener.accept(before.request());
        }
        attempt.engine().watch(this);
    }

    @Override
    public Optional<EndRequest> endRequest() {
        return Optional.ofNullable(endWish.request());
    }

    /**
     * Wishes that it ends.
     *
     * @return whether that is news: it had not been wished before, or not as urgently
     */
    boolean requestEnd(EndRequest request) {
        EndWish before = change(wish -> wish.wished(request));
        boolean news = before.isNews(request);
        if (news && before.listener() != null) {
            before.listener().accept(request);
        }
        return news;
    }

    /**
     * Takes a wish back, if it is the one in force.
     *
     * @return whether it was
     */
    boolean withdrawEnd(EndRequest request) {
        EndWish before = change(wish -> request.equals(wish.request()) ? wish.unwished() : wish);
        return request.equals(before.request());
    }

    @Override
    public void markResumable() {
        change(EndWish::asResumable);
    }

    /** Whether it is kept in the list of those that are open. */
    boolean watched() {
        return activity != null || endWish.listener() != null;
    }

    /** Whether somebody has asked to be told of the wish that it ends. */
    boolean listens() {
        return endWish.listener() != null;
    }

    boolean resumable() {
        return endWish.resumable();
    }

    /** Its silences are of interest from now on. */
    void follow(StreamActivity newActivity) {
        activity = newActivity;
    }

    @Nullable
    StreamActivity activity() {
        return activity;
    }

    /** Judges it, unless it has been judged otherwise meanwhile. */
    boolean judge(Verdict expected, Verdict now) {
        return VERDICT.compareAndSet(this, expected, now);
    }

    /** What it was judged; nobody judges it any more. */
    Verdict lastVerdict() {
        return verdict == Verdict.BAD ? Verdict.BAD : (Verdict) VERDICT.getAndSet(this, Verdict.BAD);
    }

    private EndWish change(UnaryOperator<EndWish> step) {
        EndWish before;
        do {
            before = endWish;
        } while (!END_WISH.compareAndSet(this, before, step.apply(before)));
        return before;
    }

    /** Leaves the node without a trace, if it has not ended: the lease was never handed out. */
    void vacate() {
        if (end()) {
            attempt.engine().left(node);
        }
    }

    boolean ended() {
        return phase(state) >= ENDED;
    }

    /** Whether it has ended before its response began. */
    boolean endedUnanswered() {
        return phase(state) == ENDED_UNANSWERED;
    }

    @Override
    public <T, X extends Exception> T call(Call<T, X> call) throws X {
        Outcome outcome = Outcome.failure(FailureKind.NO_RESPONSE);
        try {
            T answer = call.on(backend());
            outcome = Outcome.success();
            return answer;
        } catch (CancellationException e) {
            outcome = Outcome.cancelled();
            throw e;
        } finally {
            complete(Thread.currentThread().isInterrupted() ? Outcome.cancelled() : outcome);
        }
    }

    private boolean end() {
        long seen = state;
        while (phase(seen) < ENDED) {
            long end = phase(seen) == WAITING ? ENDED_UNANSWERED : ENDED;
            long swapped = (long) STATE.compareAndExchange(this, seen, word(end, 0));
            if (swapped == seen) {
                node.counters().leave(phase(seen) == WAITING, cost(seen));
                return true;
            }
            seen = swapped;
        }
        return false;
    }

    private static long word(long phase, long costSteps) {
        return costSteps << PHASE_BITS | phase;
    }

    private static long phase(long word) {
        return word & PHASE_MASK;
    }

    private static long cost(long word) {
        return word >>> PHASE_BITS;
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(StreamLease.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
