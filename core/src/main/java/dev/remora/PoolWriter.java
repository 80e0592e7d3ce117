package dev.remora;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import dev.remora.strategy.Strategy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only one who makes generations: it takes the lists that the source pushes and publishes the generation made of the
 * newest. Back ends whose id and address stay keep their counters and health. Those that go keep them too while streams are
 * open, so that a back end that returns finds its streams counted. The same id at another address is another back end: it
 * begins anew, while the streams of the one before run on.
 *
 * <p>The first generation is made by whoever pushes the first list, so that a balancer that has been built can serve.
 * Later ones are made by the executor, never by a request's or a source's thread; lists that are pushed while one is being
 * made are taken together, of which only the last one counts.
 */
final class PoolWriter {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private final MembershipRules rules;
    private final Strategy strategy;
    private final Strategy rebinding;
    private final BiFunction<Backend, LongAdder, LiveNode> newcomer;
    private final Consumer<Generation> publish;
    private final Executor executor;

    // The newest list that is not taken yet.
    private final AtomicReference<@Nullable List<Backend>> pending = new AtomicReference<>();
    // How many lists were pushed, or weights changed, since the maker last looked. Who raises it from 0 becomes the
    // maker, or sends the executor; nobody else touches what follows until it is 0 again.
    private final AtomicInteger pushed = new AtomicInteger();

    // Counted by the counters of all nodes, in steps.
    private final LongAdder allLoad = new LongAdder();

    // Owned by the maker. "known" holds the members, and those that have gone with streams open.
    private Map<Identity, LiveNode> known = Map.of();
    private Generation last = Generation.EMPTY;

    // Written by the maker, read by the sources' threads: whether a generation was published.
    private volatile boolean serving;

    PoolWriter(
            MembershipRules rules,
            Strategy strategy,
            BiFunction<Backend, LongAdder, LiveNode> newcomer,
            Executor executor,
            Consumer<Generation> publish) {
        this.rules = rules;
        this.strategy = strategy;
        this.rebinding = strategy.rebinding();
        this.newcomer = newcomer;
        this.executor = executor;
        this.publish = publish;
    }

    /**
     * Takes a whole list, on the source's thread. A bad list, which breaks a rule of its own or of the strategy,
     * changes nothing. Only a bad first one is thrown back: later the pool serves, and whoever pushes may be a timer that
     * would die of it.
     *
     * @throws IllegalArgumentException if the first list is bad
     */
    void accept(List<Backend> backends) {
        try {
            rules.check(backends);
        } catch (IllegalArgumentException e) {
            if (!serving) {
                throw e;
            }
            log.warn("a list of {} back ends is ignored, the one before stays: {}", backends.size(), e.getMessage());
            return;
        }
        pending.set(backends);
        if (pushed.getAndIncrement() > 0) {
            return;
        }
        if (!last.made()) {
            makePending();
            return;
        }
        try {
            executor.execute(this::makePending);
        } catch (RejectedExecutionException e) {
            pushed.set(0);
            log.debug("a list of {} back ends came after the end", backends.size());
        }
    }

    /** Has the pickers made anew if the shares of members have changed. May be called from anywhere, at any time. */
    void reweigh() {
        if (pushed.getAndIncrement() > 0) {
            return;
        }
        try {
            executor.execute(this::makePending);
        } catch (RejectedExecutionException e) {
            pushed.set(0);
        }
    }

    private void makePending() {
        boolean left;
        do {
            int seen = pushed.get();
            List<Backend> newest = pending.getAndSet(null);
            List<Backend> next = newest == null ? reweighed() : newest;
            Optional<Throwable> failure = next == null ? Optional.empty() : tryMake(next);
            boolean firstFailed = failure.isPresent() && !last.made();
            left = pushed.addAndGet(-seen) > 0;
            if (firstFailed && !left) {
                throw unchecked(failure.get());
            }
        } while (left);
    }

    // The list in force, if it is to be made again for other weights.
    private @Nullable List<Backend> reweighed() {
        boolean right = last.nodes().stream().allMatch(LiveNode::isWeighedRight);
        return right ? null : last.nodes().stream().map(LiveNode::backend).toList();
    }

    // An Error too, an OutOfMemoryError for example, leaves the pickers before in force, and must not pass unseen.
    private Optional<Throwable> tryMake(List<Backend> backends) {
        try {
            make(backends);
            return Optional.empty();
        } catch (RuntimeException | Error e) {
            if (last.made()) {
                log.error("a list of {} back ends cannot be used, the one before stays", backends.size(), e);
            }
            return Optional.of(e);
        }
    }

    private static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }

    private void make(List<Backend> backends) {
        Map<Identity, LiveNode> members = new LinkedHashMap<>();
        for (Backend backend : backends) {
            Identity identity = Identity.of(backend);
            LiveNode before = known.get(identity);
            members.put(identity, before == null ? newcomer.apply(backend, allLoad) : before.describedAs(backend));
        }
        List<LiveNode> departed = new ArrayList<>();
        known.forEach((identity, node) -> {
            if (!members.containsKey(identity)) {
                departed.add(node);
            }
        });
        Generation next = generation(List.copyOf(members.values()), List.copyOf(departed));
        departed.forEach(node -> members.put(Identity.of(node.backend()), node));
        known = members;
        last = next;
        publish.accept(next);
        serving = true;
        // Not before: while the generation before is in force, its members let streams in.
        for (LiveNode node : departed) {
            if (node.counters().tryRetire()) {
                known.remove(Identity.of(node.backend()));
            }
        }
    }

    private Generation generation(List<LiveNode> nodes, List<LiveNode> departed) {
        Snapshot snapshot = new Snapshot(last.snapshot().version() + 1, nodes, () -> load(departed));
        return new Generation(
                snapshot,
                nodes,
                last.made() ? strategy.updated(last.picker(), snapshot) : strategy.picker(snapshot),
                last.made() ? rebinding.updated(last.rebinder(), snapshot) : rebinding.picker(snapshot));
    }

    // A departed node that was retired has no load any more.
    private double load(List<LiveNode> departed) {
        double load = NodeCounters.inCosts(allLoad.sum());
        for (int i = 0; i < departed.size(); i++) {
            load -= departed.get(i).load();
        }
        return Math.max(0, load);
    }

    /** What makes a back end the same one as before: its name, and where it listens. */
    private record Identity(BackendId id, boolean secure, String host, int port) {

        static Identity of(Backend backend) {
            return new Identity(
                    backend.id(), backend.secure(), backend.host().toLowerCase(Locale.ROOT), backend.port());
        }
    }
}
