package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import dev.remora.redis.Inquiry.Answer;
import dev.remora.redis.Remembered.Times;
import dev.remora.redis.Settling.Asked;
import dev.remora.redis.WriteBehind.Presumption;
import dev.remora.session.Binding;
import dev.remora.session.SessionListener;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of shared sessions, and what is done when the store cannot be asked.
 *
 * <p>Three places know a session: the store, this process's memory ({@link NearCache}), and the list of what the store is
 * still to be told ({@link WriteBehind}). A session on that list is answered from memory, and what the store says of it is
 * not heeded until the store was told: only then is it known who has won.
 */
final class SharedSessions implements Shard.Watcher, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisSessionMap.class);

    static final int TICKS_TO_STALE = 8;
    private static final long LEAST_TICK_NANOS = Duration.ofMillis(1).toNanos();

    private final SessionKeys keys;
    private final TieScript script;
    private final SessionListener listener;
    private final NearCache near;
    private final WriteBehind pending;
    private final Settling settling;
    private final Topology topology;
    private final Questions questions;
    private final Inquiry inquiry;
    private final ScheduledExecutorService thread;
    private final Counts counts = new Counts();

    SharedSessions(RedisSessionMap.Builder config) {
        long tick = Math.max(LEAST_TICK_NANOS, config.maxStale().toNanos() / TICKS_TO_STALE);
        this.keys = config.keys;
        this.script = new TieScript(config.retention);
        this.listener = config.listener;
        this.near = new NearCache(config.retention, tick, Inquiry.TICKS_TO_TOUCH);
        this.pending = new WriteBehind(config.maxPending);
        var around = new Redis.Surroundings(Purpose.SESSIONS, config.random, config.maxWaiting, this);
        this.thread = around.thread();
        this.settling = new Settling(this, pending, thread);
        this.topology = config.redis.open(around);
        this.questions = new Questions(topology, thread, NanoClock.system(), config.deadline);
        this.inquiry = new Inquiry(keys, script, near, questions, counts);
        var unused = thread.scheduleAtFixedRate(near::tick, tick, tick, TimeUnit.NANOSECONDS);
        topology.open();
    }

    // ---- what is known here

    Optional<Binding> peek(AffinityKey key) {
        Remembered known = near.find(key);
        if (known == null) {
            return Optional.empty();
        }
        long now = near.now();
        if (!known.holds(now)) {
            return questions.reach(known.name) ? Optional.empty() : guess(key, known, now);
        }
        if (near.touch(key, known, now)) {
            inquire(key, known);
        }
        return known.answer;
    }

    // The store cannot be asked. What is told now is to hold when it can.
    private Optional<Binding> guess(AffinityKey key, Remembered known, long now) {
        if (known.isOver(now)) {
            near.forgetUnless(key, Remembered::isPresumed);
            return Optional.empty();
        }
        if (!known.restorable()) {
            near.change(known.name, Remembered::believed);
        }
        if (near.touch(key, known, now)) {
            pending.touch(key);
        }
        return known.answer;
    }

    void touch(AffinityKey key) {
        Remembered known = near.find(key);
        if (known != null && known.holds(near.now())) {
            Optional<Binding> unused = peek(key);
        } else {
            inquire(key, known);
        }
    }

    // Behind the back of requests: who is in use lives on, and is confirmed by the way.
    private void inquire(AffinityKey key, @Nullable Remembered known) {
        boolean presumed = known != null && known.isPresumed();
        if (!presumed && inquiry.confirm(key, known, true) == null && known != null) {
            pending.touch(key);
            settling.begin();
        }
    }

    // ---- asking

    CompletionStage<Optional<Binding>> find(AffinityKey key) {
        Remembered known = usable(key);
        return known != null && known.holds(near.now())
                ? CompletableFuture.completedFuture(known.answer)
                : inquiry.find(key, known);
    }

    CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend) {
        Remembered known = usable(key);
        return known != null && known.holds(near.now())
                ? CompletableFuture.completedFuture(known.answer)
                : inquiry.bind(key, backend.value(), known);
    }

    private @Nullable Remembered usable(AffinityKey key) {
        Remembered known = near.find(key);
        return known == null || known.isOver(near.now()) ? null : known;
    }

    // ---- binding without the store, and changing what is bound

    Binding presume(AffinityKey key, BackendId backend) {
        boolean[] guessed = new boolean[1];
        Remembered now = near.update(key, known -> {
            if (known != null && !known.isOver(near.now())) {
                guessed[0] = !known.holds(near.now());
                return known;
            }
            counts.presumed.increment();
            String name = keys.nameOf(key);
            return presumed(name, pending.presume(key, backend, TieScript.REPLACES_NOTHING, 0));
        });
        if (guessed[0]) {
            inquire(key, now);
        }
        settling.begin();
        return now.tie.binding();
    }

    private Remembered presumed(String name, Presumption presumption) {
        Tie tie = new Tie(new Binding(presumption.backend(), presumption.fence()), 0, 0);
        return new Remembered(tie, name, presumption.vouch(), Times.untilTold(near.now() + Inquiry.TICKS_TO_TOUCH));
    }

    CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
        String name = keys.nameOf(key);
        Link link = pending.find(key) == null ? questions.enter(name) : null;
        if (link == null) {
            counts.shortcuts.increment();
            return CompletableFuture.completedFuture(presumeAnew(key, name, expectedFence, backend));
        }
        counts.asked.increment();
        return inquiry.ask(key, name, link, script.rebind(backend.value(), expectedFence))
                .thenApply(answer -> answer.flatMap(Answer::binding)
                        .orElseGet(() -> presumeAnew(key, name, expectedFence, backend)));
    }

    private Binding presumeAnew(AffinityKey key, String name, long expectedFence, BackendId backend) {
        Remembered now = near.update(key, known -> {
            if (known != null && known.tie.binding().fence() != expectedFence) {
                return known;
            }
            counts.presumed.increment();
            return presumed(name, pending.presume(key, backend, Long.toString(expectedFence), expectedFence + 1));
        });
        settling.begin();
        return now.tie.binding();
    }

    CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
        Presumption presumption = pending.find(key);
        if (presumption != null && presumption.fence() == expectedFence) {
            boolean untold = pending.told(presumption);
            near.forgetUnless(key, known -> false);
            return CompletableFuture.completedFuture(untold);
        }
        String name = keys.nameOf(key);
        Link link = questions.enter(name);
        if (link == null) {
            return CompletableFuture.completedFuture(false);
        }
        Ask<Boolean> ask = new Ask<>(link);
        String[] arguments = {Long.toString(expectedFence)};
        questions.put(ask, link, new Call(TieScript.UNTIE, name, arguments), (answer, vouch) -> {
            boolean forgotten = "1".equals(answer);
            if (forgotten) {
                near.forgetUnless(key, Remembered::isPresumed);
            }
            return Optional.of(forgotten);
        });
        return ask.thenApply(answer -> answer.orElse(false));
    }

    // ---- telling the store later

    /**
     * Tells the store that a session is in use, or gives it back if the store has lost it.
     *
     * @param inUse whether it is to live longer
     * @param afterwards told whether the store has answered
     */
    Asked confirm(AffinityKey key, boolean inUse, Consumer<Boolean> afterwards) {
        Remembered known = near.find(key);
        if (known == null || !known.restorable() || known.isPresumed() || known.isOver(near.now())) {
            return Asked.NEEDLESS;
        }
        Ask<Answer> ask = inquiry.confirm(key, known, inUse);
        return ask == null ? Asked.NOT_NOW : put(ask, afterwards);
    }

    private static <T> Asked put(Ask<T> ask, Consumer<Boolean> afterwards) {
        CompletionStage<Optional<T>> unused =
                ask.whenComplete((answer, failure) -> afterwards.accept(answer != null && answer.isPresent()));
        return Asked.YES;
    }

    /** All sessions that are remembered here. */
    Iterator<AffinityKey> remembered() {
        return near.keys();
    }

    /**
     * Tells the store of a session that was bound without it.
     *
     * @param afterwards told whether the store has answered
     */
    Asked settle(Presumption presumption, Consumer<Boolean> afterwards) {
        String name = keys.nameOf(presumption.key());
        Link link = questions.enter(name);
        if (link == null) {
            return Asked.NOT_NOW;
        }
        Ask<Tie> ask = new Ask<>(link);
        String[] arguments = script.settle(presumption.backend().value(), presumption.replaces(), presumption.fence());
        questions.put(ask, link, new Call(TieScript.TIE, name, arguments), (answer, vouch) -> {
            Optional<Tie> tie = Optional.ofNullable(answer).map(inquiry::read);
            settled(presumption, name, tie.orElse(null), vouch);
            return tie;
        });
        return put(ask, afterwards);
    }

    private void settled(Presumption presumption, String name, @Nullable Tie tie, Vouch vouch) {
        boolean current = pending.told(presumption);
        if (tie == null) {
            return;
        }
        AffinityKey key = presumption.key();
        boolean won = tie.binding().backend().equals(presumption.backend());
        if (!current && won) {
            pending.follow(presumption, tie.binding().fence());
        }
        inquiry.remember(key, name, tie, vouch);
        if (current && !won) {
            counts.lost.increment();
            Binding mine = new Binding(presumption.backend(), presumption.fence());
            tell(to -> to.bindingLost(key, mine, tie.binding()));
        }
    }

    // ---- what happens to the masters

    @Override
    public void linked() {
        settling.restoreAll();
    }

    @Override
    public void unlinked() {
        topology.outdated();
    }

    @Override
    public void reachabilityChanged(Shard shard, boolean reachable) {
        tell(to -> to.reachabilityChanged(shard.toString(), reachable));
    }

    @Override
    public void flushed() {
        settling.restoreAll();
    }

    @Override
    public void invalidated(String name) {
        counts.invalidations.increment();
        near.change(name, known -> known.isPresumed() ? known : known.doubted());
    }

    // An Error, too: what a listener throws must not stop what comes after it.
    private void tell(Consumer<SessionListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable e) {
            log.warn("a listener threw; the sessions go on", e);
        }
    }

    boolean reachable() {
        return topology.reachable();
    }

    SessionStats stats() {
        return new SessionStats(
                reachable(),
                near.size(),
                counts.asked.sum(),
                questions.late(),
                questions.refused(),
                counts.shortcuts.sum(),
                counts.presumed.sum(),
                counts.lost.sum(),
                counts.touches.sum(),
                counts.invalidations.sum(),
                counts.unreadable.sum(),
                pending.size(),
                pending.droppedBinds(),
                pending.droppedTouches());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        topology.close();
    }
}
