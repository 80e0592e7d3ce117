package dev.remora;

import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import dev.remora.strategy.Picker;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the place for one request: the back end it is bound to, else the strategy's choice, and enters it.
 *
 * <p>Who is not bound gets a member that is fit and does not ask to be spared; if there is none, not even a full one whose
 * place is worth waiting for, one that is fit. When fewer are fit than the panic threshold asks for, health is ignored;
 * and when none is, the one that failed least recently serves: an unfit back end may still answer, a refusal never does.
 */
final class Placement {

    /** The refusal of a client that may wait for its own back end, which is fit but full. */
    static final Refusal OWN_IS_FULL = Refusal.of(Refusal.Reason.SATURATED);

    private final Engine engine;
    private final StickyFallback fallback;
    private final NanoClock clock;
    private final boolean keysAreRemembered;

    Placement(Engine engine, StickyFallback fallback, NanoClock clock, boolean keysAreRemembered) {
        this.engine = engine;
        this.fallback = fallback;
        this.clock = clock;
        this.keysAreRemembered = keysAreRemembered;
    }

    /**
     * A lease that has entered its node but is not handed out yet, or the reason why there is none.
     *
     * @param waitsForOwn whether a client whose own back end is only full is told so, instead of falling back
     */
    Pick place(Attempt attempt, Generation generation, boolean waitsForOwn) {
        attempt.begin(generation);
        BackendId bound = attempt.bound();
        if (bound != null) {
            StreamLease own = enterBound(attempt, generation, bound);
            if (own != null) {
                return own;
            }
            if (waitsForOwn && attempt.sawFull()) {
                return OWN_IS_FULL;
            }
            if (fallback == StickyFallback.REFUSE) {
                return Refusal.of(Refusal.Reason.BOUND_BACKEND_UNFIT);
            }
        }
        StreamLease chosen = enterOther(attempt, generation, bound != null);
        return chosen != null ? chosen : refusal(attempt);
    }

    private @Nullable StreamLease enterOther(Attempt attempt, Generation generation, boolean bound) {
        if (engine.panics() && !noneFit(generation)) {
            attempt.ignoreHealth();
        }
        StreamLease chosen = enterAny(attempt, generation, bound);
        if (chosen == null && attempt.allAreCooling()) {
            attempt.ignoreCooling();
            chosen = enterAny(attempt, generation, bound);
        }
        if (chosen == null && noneFit(generation)) {
            attempt.ignoreHealth();
            attempt.ignoreCooling();
            chosen = bound || attempt.agreesByHash()
                    ? enterAny(attempt, generation, bound)
                    : enterLeastRecentlyFailed(attempt, generation);
        }
        return chosen;
    }

    /** Enters the back end that a client is bound to, if it can serve. */
    @Nullable
    StreamLease enterBound(Attempt attempt, Generation generation, BackendId bound) {
        int index = generation.snapshot().indexOf(bound);
        if (index < 0) {
            return null;
        }
        if (!attempt.eligibleAsBound(index)) {
            if (!noneFit(generation)) {
                return null;
            }
            attempt.ignoreHealth();
            if (!attempt.eligibleAsBound(index)) {
                return null;
            }
        }
        LiveNode node = generation.node(index);
        return tryEnter(attempt, node, true) ? lease(attempt, node, PickReason.STICKY) : null;
    }

    // Another request may take the last place of a node between the choice and the entry. The node is full then, so the
    // next choice is another one: each node is lost at most once, unless streams end meanwhile.
    private @Nullable StreamLease enterAny(Attempt attempt, Generation generation, boolean bound) {
        boolean byHash = bound || attempt.agreesByHash();
        return enter(attempt, generation, bound, byHash ? Attempt::pickInstead : Attempt::pickNew);
    }

    private @Nullable StreamLease enterLeastRecentlyFailed(Attempt attempt, Generation generation) {
        return enter(attempt, generation, false, Attempt::pickLeastRecentlyFailed);
    }

    private @Nullable StreamLease enter(
            Attempt attempt, Generation generation, boolean bound, ToIntFunction<Attempt> choice) {
        for (int races = 0; races <= generation.size(); races++) {
            int index = choice.applyAsInt(attempt);
            if (index == Picker.NONE) {
                return null;
            }
            LiveNode node = generation.node(index);
            if (tryEnter(attempt, node, false)) {
                return lease(attempt, node, reason(attempt, bound));
            }
        }
        return null;
    }

    // A drain may begin between the choice and the entry.
    private boolean tryEnter(Attempt attempt, LiveNode node, boolean bound) {
        if (!node.tryEnter()) {
            attempt.metFull();
            engine.placeFreed();
            return false;
        }
        if (!node.keepsOut(bound)) {
            return true;
        }
        node.counters().leave(true, NodeCounters.STEPS_PER_COST);
        engine.left(node);
        return false;
    }

    private PickReason reason(Attempt attempt, boolean bound) {
        if (bound || attempt.hasTried()) {
            return PickReason.FAILOVER;
        }
        boolean byHash = attempt.key.isPresent() && (!keysAreRemembered || attempt.agreesByHash());
        return byHash ? PickReason.HASH : PickReason.BALANCED;
    }

    private StreamLease lease(Attempt attempt, LiveNode node, PickReason reason) {
        return new StreamLease(attempt, node, reason, clock.nanos());
    }

    // A member that drains is of no help to those who look for another one.
    private boolean noneFit(Generation generation) {
        for (LiveNode node : generation.nodes()) {
            if (!node.keepsOut(false) && engine.fit(node)) {
                return false;
            }
        }
        return true;
    }

    private static Refusal refusal(Attempt attempt) {
        if (attempt.sawFull()) {
            return Refusal.of(Refusal.Reason.SATURATED);
        }
        return Refusal.of(attempt.hasTried() ? Refusal.Reason.RETRIES_SPENT : Refusal.Reason.NO_BACKEND);
    }
}
