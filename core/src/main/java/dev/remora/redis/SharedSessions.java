package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import dev.remora.redis.WriteBehind.Presumption;
import dev.remora.session.Binding;
import dev.remora.session.SessionListener;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of shared sessions, and how it is asked for.
 *
 * <p>Three places know a session: the store, this process's memory ({@link NearCache}), and the list of what the store is
 * still to be told ({@link WriteBehind}). A session on that list is answered from memory, and what the store says of it is
 * not heeded until the store was told: only then is it known who has won.
 */
final class SharedSessions implements Shard.Watcher, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisSessionMap.class);

    private static final int TICKS_TO_STALE = 8;
    // A session in use is confirmed a little earlier, behind the back of its requests.
    private static final int TICKS_TO_TOUCH = 6;
    private static final long LEAST_TICK_NANOS = Duration.ofMillis(1).toNanos();

    private final SessionKeys keys;
    private final TieScript script;
    private final SessionListener listener;
    private final NearCache near;
    private final WriteBehind pending;
    private final Settling settling;
    private final Topology topology;
    private final Questions questions;
    private final ScheduledThreadPoolExecutor thread;
    private final Counts counts = new Counts();
    private final ConcurrentMap<AffinityKey, Ask<Binding>> asking = new ConcurrentHashMap<>();
    private final AtomicBoolean toldUnreadable = new AtomicBoolean();

    SharedSessions(RedisSessionMap.Builder config) {
        long tick = Math.max(LEAST_TICK_NANOS, config.maxStale().toNanos() / TICKS_TO_STALE);
        this.keys = config.keys;
        this.script = new TieScript(config.retention);
        this.listener = config.listener;
        this.near = new NearCache(config.retention, tick);
        this.pending = new WriteBehind(config.maxPending);
        this.thread = thread();
        this.settling = new Settling(this, pending, thread);
        this.topology = config.redis.open(new Redis.Surroundings(thread, config.random, config.maxWaiting, this));
        this.questions = new Questions(topology, thread, NanoClock.system(), config.deadline, counts);
        var unused = thread.scheduleAtFixedRate(near::tick, tick, tick, TimeUnit.NANOSECONDS);
        topology.open();
    }

    private static ScheduledThreadPoolExecutor thread() {
        var executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "remora-redis");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true); // nearly every deadline is cancelled
        return executor;
    }

    // ---- what is known here

    Optional<Binding> peek(AffinityKey key) {
        Remembered known = near.find(key);
        if (known == null) {
            return Optional.empty();
        }
        long now = near.now();
        if (!known.holds(now) && questions.reach(known.name)) {
            return Optional.empty();
        }
        if (known.takeTouch(now, now + TICKS_TO_TOUCH)) {
            tellTouch(key, known);
        }
        return known.answer;
    }

    void touch(AffinityKey key) {
        Optional<Binding> unused = peek(key);
    }

    private Remembered confirmed(Tie tie, String name, Vouch vouch) {
        long now = near.now();
        return new Remembered(tie, name, vouch, now + TICKS_TO_STALE, now + TICKS_TO_TOUCH);
    }

    private static Remembered presumed(String name, Presumption presumption) {
        Tie tie = new Tie(new Binding(presumption.backend(), presumption.fence()), 0);
        return new Remembered(tie, name, presumption.vouch(), Long.MAX_VALUE, Long.MAX_VALUE);
    }

    // ---- asking

    CompletionStage<Optional<Binding>> find(AffinityKey key) {
        Remembered known = near.find(key);
        return question(key, known, script.find());
    }

    CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend) {
        Remembered known = near.find(key);
        return question(
                key,
                known,
                known != null && known.restorable() ? script.restore(known.tie) : script.bind(backend.value()));
    }

    // Without an answer in time what is remembered is the best guess.
    private CompletionStage<Optional<Binding>> question(
            AffinityKey key, @Nullable Remembered known, String[] arguments) {
        if (known != null && known.holds(near.now())) {
            return CompletableFuture.completedFuture(known.answer);
        }
        Optional<Binding> guess = known == null ? Optional.empty() : known.answer;
        String name = known == null ? keys.nameOf(key) : known.name;
        Link link = questions.enter(name);
        if (link == null) {
            counts.shortcuts.increment();
            return CompletableFuture.completedFuture(guess);
        }
        Ask<Binding> mine = new Ask<>(link);
        boolean binds = !arguments[0].isEmpty();
        Ask<Binding> first = binds ? asking.putIfAbsent(key, mine) : null;
        if (first == null) {
            counts.asked.increment();
            ask(mine, key, name, link, arguments);
            if (binds) {
                CompletionStage<Optional<Binding>> unused =
                        mine.whenComplete((answer, failure) -> asking.remove(key, mine));
            }
            return orElse(mine, guess);
        }
        mine.settle();
        if (first.share() || first.isDone()) {
            return orElse(first, guess);
        }
        counts.shortcuts.increment();
        return CompletableFuture.completedFuture(guess);
    }

    private static CompletableFuture<Optional<Binding>> orElse(Ask<Binding> ask, Optional<Binding> guess) {
        return guess.isEmpty() ? ask : ask.thenApply(found -> found.isPresent() ? found : guess);
    }

    private void ask(Ask<Binding> ask, AffinityKey key, String name, Link link, String[] arguments) {
        questions.put(ask, link, TieScript.TIE, name, arguments, (answer, vouch) -> {
            Tie tie = read(answer);
            return tie == null ? Optional.empty() : heard(key, name, tie, vouch);
        });
    }

    private Optional<Binding> heard(AffinityKey key, String name, Tie tie, Vouch vouch) {
        return near.update(key, known -> known != null && known.isPresumed() ? known : confirmed(tie, name, vouch))
                .answer;
    }

    private @Nullable Tie read(@Nullable String answer) {
        if (answer == null) {
            return null;
        }
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

    // ---- binding without the store, and changing what is bound

    Binding presume(AffinityKey key, BackendId backend) {
        Remembered now = near.update(key, known -> {
            if (known != null) {
                return known;
            }
            counts.presumed.increment();
            String name = keys.nameOf(key);
            return presumed(name, pending.presume(key, backend, TieScript.REPLACES_NOTHING, 0));
        });
        settling.begin();
        return now.tie.binding();
    }

    CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
        String name = keys.nameOf(key);
        Link link = pending.find(key) == null ? questions.enter(name) : null;
        if (link == null) {
            counts.shortcuts.increment();
            return CompletableFuture.completedFuture(presumeAnew(key, name, expectedFence, backend));
        }
        counts.asked.increment();
        Ask<Binding> ask = new Ask<>(link);
        ask(ask, key, name, link, script.rebind(backend.value(), expectedFence));
        return ask.thenApply(answer -> answer.orElseGet(() -> presumeAnew(key, name, expectedFence, backend)));
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
        String name = keys.nameOf(key);
        Presumption presumption = pending.find(key);
        Link link = questions.enter(name);
        if (presumption != null && presumption.fence() == expectedFence) {
            boolean untold = pending.told(presumption);
            near.forget(key);
            if (link != null) {
                link.leave(1);
            }
            return CompletableFuture.completedFuture(untold);
        }
        if (link == null) {
            return CompletableFuture.completedFuture(false);
        }
        Ask<Boolean> ask = new Ask<>(link);
        String[] arguments = {Long.toString(expectedFence)};
        questions.put(ask, link, TieScript.UNTIE, name, arguments, (answer, vouch) -> {
            boolean forgotten = "1".equals(answer);
            if (forgotten) {
                near.forget(key);
            }
            return Optional.of(forgotten);
        });
        return ask.thenApply(answer -> answer.orElse(false));
    }

    // ---- telling the store later

    private void tellTouch(AffinityKey key, Remembered known) {
        if (known.restorable() && !known.isPresumed() && !confirm(key, known, () -> {})) {
            pending.touch(key);
            settling.begin();
        }
    }

    /**
     * Tells the store that a session is in use, and gives it back if the store has lost it.
     *
     * @param afterwards run when the store has answered, or will not
     * @return whether it was asked
     */
    boolean confirm(AffinityKey key, Runnable afterwards) {
        Remembered known = near.find(key);
        return known != null && known.restorable() && !known.isPresumed() && confirm(key, known, afterwards);
    }

    private boolean confirm(AffinityKey key, Remembered known, Runnable afterwards) {
        Link link = questions.enter(known.name);
        if (link == null) {
            return false;
        }
        counts.touches.increment();
        Ask<Binding> ask = new Ask<>(link);
        ask(ask, key, known.name, link, script.restore(known.tie));
        CompletionStage<Optional<Binding>> unused = ask.whenComplete((answer, failure) -> afterwards.run());
        return true;
    }

    /** All sessions that are remembered here. */
    Iterator<AffinityKey> remembered() {
        return near.keys();
    }

    /**
     * Tells the store of a session that was bound without it.
     *
     * @param afterwards run when the store has answered, or will not
     * @return whether it was asked
     */
    boolean settle(Presumption presumption, Runnable afterwards) {
        String name = keys.nameOf(presumption.key());
        Link link = questions.enter(name);
        if (link == null) {
            return false;
        }
        Ask<Binding> ask = new Ask<>(link);
        String[] arguments = script.settle(presumption.backend().value(), presumption.replaces(), presumption.fence());
        questions.put(ask, link, TieScript.TIE, name, arguments, (answer, vouch) -> {
            Tie tie = read(answer);
            settled(presumption, name, tie, vouch);
            return Optional.ofNullable(tie).map(Tie::binding);
        });
        CompletionStage<Optional<Binding>> unused = ask.whenComplete((answer, failure) -> afterwards.run());
        return true;
    }

    private void settled(Presumption presumption, String name, @Nullable Tie tie, Vouch vouch) {
        AffinityKey key = presumption.key();
        if (!pending.told(presumption) || tie == null) {
            return;
        }
        near.update(key, known -> known != null && known.isPresumed() ? known : confirmed(tie, name, vouch));
        if (!tie.binding().backend().equals(presumption.backend())) {
            counts.lost.increment();
            Binding mine = new Binding(presumption.backend(), presumption.fence());
            tell(to -> to.bindingLost(key, mine, tie.binding()));
        }
    }

    // ---- what happens to the masters

    @Override
    public void reachable(Shard shard) {
        settling.restoreAll();
        tell(to -> to.reachabilityChanged(shard.toString(), true));
    }

    @Override
    public void lost(Shard shard) {
        topology.outdated();
        tell(to -> to.reachabilityChanged(shard.toString(), false));
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

    private void tell(Consumer<SessionListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
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
                counts.late.sum(),
                counts.refused.sum(),
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
