package dev.remora;

import dev.remora.health.HealthProbe.Prober;
import dev.remora.health.ProbeAnswer;
import dev.remora.pool.Backend;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One back end under question. At most one question to it is under way: while a call of the prober has not returned, or its
 * answer can not even be cancelled, the back end counts as failing and is not asked.
 */
final class ProbeTarget {

    private final ProbeLoop loop;
    private final ProbeVerdict verdict;

    // Written by whoever changes the membership, read by those that ask.
    private volatile LiveNode node;
    private volatile boolean gone;

    // Guarded by the monitor.
    private @Nullable Question last;

    ProbeTarget(ProbeLoop loop, LiveNode node) {
        this.loop = loop;
        this.node = node;
        // A back end that returns while streams of its are open still has the verdict that it left with.
        this.verdict = new ProbeVerdict(loop.timing(), node.health().probeFit());
    }

    void describedAs(LiveNode now) {
        node = now;
    }

    /** It is asked no more, and what is asked now counts no more. */
    void leave() {
        gone = true;
        Question open;
        synchronized (this) {
            open = last;
        }
        if (open != null) {
            open.cancel();
        }
    }

    /** Puts the next question. */
    void ask() {
        if (gone) {
            return;
        }
        Question next = null;
        synchronized (this) {
            if (last == null || last.isOver()) {
                next = new Question(node.backend());
                last = next;
            }
        }
        if (next == null) {
            settle(ProbeAnswer.fail("the last probe still hangs"));
        } else {
            next.put();
        }
    }

    // One answer at a time: the next question is put only after the one before has been settled, by whoever was first.
    private void settle(ProbeAnswer answer) {
        if (gone) {
            return;
        }
        try {
            boolean turned = verdict.note(answer);
            NodeHealth health = node.health();
            health.probed(answer, verdict.fit(), turned, loop.nanos());
            if (health.share().take(answer)) {
                loop.reweigh();
            }
        } finally {
            // Whatever those throw who are told: a back end that is not asked any more would stay as it is for ever.
            loop.later(this::ask, loop.varied(verdict.pause()));
        }
    }

    /** One question, from its putting to its answer or the end of patience. */
    private final class Question {

        private final Backend backend;
        // Guarded by the monitor.
        private boolean settled;
        private boolean returned;
        private boolean interrupted;
        private @Nullable Thread caller;
        private @Nullable CompletableFuture<ProbeAnswer> answer;

        Question(Backend backend) {
            this.backend = backend;
        }

        void put() {
            loop.later(this::expire, loop.timing().timeout());
            if (!loop.tryRun(this::call)) {
                returned(null);
            }
        }

        /** Whether nothing of it goes on any more. */
        synchronized boolean isOver() {
            return returned && (answer == null || answer.isDone());
        }

        void cancel() {
            CompletableFuture<ProbeAnswer> open;
            synchronized (this) {
                settled = true;
                open = answer;
                if (caller != null) {
                    interrupted = true;
                    caller.interrupt();
                }
            }
            if (open != null) {
                open.cancel(true);
            }
        }

        // A call that waited for a thread longer than it may take is not made any more.
        private void call() {
            CompletableFuture<ProbeAnswer> found = null;
            if (begins()) {
                try {
                    Prober prober = loop.prober();
                    found = prober.probe(backend);
                } catch (RuntimeException | Error e) {
                    found = CompletableFuture.failedFuture(e);
                }
            }
            returned(found);
        }

        private synchronized boolean begins() {
            if (!settled) {
                caller = Thread.currentThread();
            }
            return !settled;
        }

        private void returned(@Nullable CompletableFuture<ProbeAnswer> found) {
            boolean late;
            synchronized (this) {
                returned = true;
                caller = null;
                answer = found;
                late = settled;
                // The interrupt was for the call, not for what its thread does next.
                if (interrupted) {
                    Thread.interrupted();
                }
            }
            if (found == null) {
                return;
            }
            if (late) {
                found.cancel(true);
                return;
            }
            CompletableFuture<ProbeAnswer> unused = found.whenComplete(
                    (passed, failure) -> first(failure == null ? orFail(passed) : ProbeAnswer.failedBy(failure)));
        }

        // A prober is the user's, and may answer with nothing.
        private static ProbeAnswer orFail(@Nullable ProbeAnswer answer) {
            return answer == null ? ProbeAnswer.fail("the probe has no answer") : answer;
        }

        private void expire() {
            first(ProbeAnswer.fail("no answer within " + loop.timing().timeout().toMillis() + " ms"));
            cancel();
        }

        private void first(ProbeAnswer settling) {
            synchronized (this) {
                if (settled) {
                    return;
                }
                settled = true;
            }
            settle(settling);
        }
    }
}
