package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import dev.remora.redis.Remembered.Times;
import dev.remora.session.Binding;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store about sessions, and remembers what it says. A session that the store is still to be told of stays as it is
 * in memory, whatever is heard meanwhile.
 */
final class Inquiry {

    private static final Logger log = LoggerFactory.getLogger(RedisSessionMap.class);

    private static final int TICKS_TO_STALE = SharedSessions.TICKS_TO_STALE;
    // A session in use is confirmed a little earlier, behind the back of its requests.
    static final int TICKS_TO_TOUCH = 6;

    private final SessionKeys keys;
    private final TieScript script;
    private final NearCache near;
    private final Questions questions;
    private final Counts counts;
    private final ConcurrentMap<AffinityKey, Ask<Answer>> binding = new ConcurrentHashMap<>();
    private final AtomicBoolean toldUnreadable = new AtomicBoolean();

    /** What the store has said: a binding, or that there is none. */
    record Answer(Optional<Binding> binding) {}

    Inquiry(SessionKeys keys, TieScript script, NearCache near, Questions questions, Counts counts) {
        this.keys = keys;
        this.script = script;
        this.near = near;
        this.questions = questions;
        this.counts = counts;
    }

    /** Asks for somebody who waits. Without an answer in time what is remembered is the best guess. */
    CompletionStage<Optional<Binding>> find(AffinityKey key, @Nullable Remembered known) {
        return forOneWhoWaits(key, known, script.find(), false);
    }

    /** Binds a session for somebody who waits, where it was before if that is known; all who wait for it share a question. */
    CompletionStage<Optional<Binding>> bind(AffinityKey key, String backend, @Nullable Remembered known) {
        return forOneWhoWaits(key, known, restoring(known, true).orElseGet(() -> script.bind(backend)), true);
    }

    private Optional<String[]> restoring(@Nullable Remembered known, boolean inUse) {
        return known == null || !known.restorable() ? Optional.empty() : Optional.of(script.restore(known.tie, inUse));
    }

    private CompletionStage<Optional<Binding>> forOneWhoWaits(
            AffinityKey key, @Nullable Remembered known, String[] arguments, boolean together) {
        Optional<Binding> guess = known == null ? Optional.empty() : known.answer;
        Link link = questions.enter(nameOf(key, known));
        if (link == null) {
            counts.shortcuts.increment();
            return CompletableFuture.completedFuture(guess);
        }
        Ask<Answer> mine = new Ask<>(link);
        Ask<Answer> first = together ? binding.putIfAbsent(key, mine) : null;
        if (first != null) {
            mine.settle();
            if (!first.share() && !first.isDone()) {
                counts.shortcuts.increment();
                return CompletableFuture.completedFuture(guess);
            }
            return orElse(first, guess);
        }
        counts.asked.increment();
        if (together) {
            CompletionStage<Optional<Answer>> unused =
                    mine.whenComplete((answer, failure) -> binding.remove(key, mine));
        }
        put(mine, key, nameOf(key, known), link, arguments);
        return orElse(mine, guess);
    }

    private static CompletableFuture<Optional<Binding>> orElse(Ask<Answer> ask, Optional<Binding> guess) {
        return ask.thenApply(answer -> answer.isPresent() ? answer.get().binding() : guess);
    }

    /** Asks behind the back of requests, by one who has entered the link. */
    Ask<Answer> ask(AffinityKey key, String name, Link link, String[] arguments) {
        Ask<Answer> ask = new Ask<>(link);
        put(ask, key, name, link, arguments);
        return ask;
    }

    /**
     * Asks behind the back of requests whether a session is as it is remembered, and gives it back to a store that has lost
     * it.
     *
     * @param inUse whether it is to live longer
     * @return the question; nothing when nobody can be asked now
     */
    @Nullable
    Ask<Answer> confirm(AffinityKey key, @Nullable Remembered known, boolean inUse) {
        String name = nameOf(key, known);
        Link link = questions.enter(name);
        if (link == null) {
            return null;
        }
        counts.touches.increment();
        return ask(key, name, link, restoring(known, inUse).orElseGet(script::find));
    }

    private String nameOf(AffinityKey key, @Nullable Remembered known) {
        return known == null ? keys.nameOf(key) : known.name;
    }

    private void put(Ask<Answer> ask, AffinityKey key, String name, Link link, String[] arguments) {
        questions.put(ask, link, new Call(TieScript.TIE, name, arguments), (answer, vouch) -> {
            // Before those who wait go on, so that who asks next asks anew.
            binding.remove(key, ask);
            return heard(key, name, answer, vouch);
        });
    }

    private Optional<Answer> heard(AffinityKey key, String name, @Nullable String answer, Vouch vouch) {
        if (answer == null) {
            near.forgetUnless(key, Remembered::isPresumed);
            return Optional.of(new Answer(Optional.empty()));
        }
        Tie tie = read(answer);
        return tie == null ? Optional.empty() : Optional.of(new Answer(remember(key, name, tie, vouch).answer));
    }

    /** Reads an answer; nothing when it has a form that this version does not know. */
    @Nullable
    Tie read(String answer) {
        Tie tie = Tie.parse(answer);
        if (tie == null) {
            counts.unreadable.increment();
            if (!toldUnreadable.getAndSet(true)) {
                log.warn("Redis keeps a session in a form that this version does not know (expected: version 1): it is"
                        + " left alone, and bound here as if Redis were out of reach");
            }
        }
        return tie;
    }

    /** Remembers what the store has said, unless it is still to be told, or has said something newer. */
    Remembered remember(AffinityKey key, String name, Tie tie, Vouch vouch) {
        long now = near.now();
        Times times = new Times(
                now + TICKS_TO_STALE,
                now + TICKS_TO_TOUCH,
                tie.endsAtMillis() == 0 ? Long.MAX_VALUE : near.after(tie.leftMillis()));
        Remembered heard = new Remembered(tie, name, vouch, times);
        return near.update(key, known -> {
            boolean older = known != null
                    && !vouch.holds()
                    && known.tie.binding().fence() > tie.binding().fence();
            return known != null && (known.isPresumed() || older) ? known : heard;
        });
    }
}
