package dev.remora;

import dev.remora.health.ProbeAnswer;
import java.util.Optional;

/**
 * What part of its weight a back end has now: what it wishes itself, in the answers of its probes, times how warm it is.
 * Thread-safe.
 *
 * <p>The members that the balancer begins with are warm from the start. Who comes later warms up from when it is first fit,
 * and everybody does who was found unfit, from when that is over. While it is unfit it has the share that it will begin
 * with already, so that the first moment of its return is no rush.
 */
final class NodeShare {

    /** A back end in a pool without slow start. */
    static NodeShare warm() {
        return new NodeShare(Optional.empty());
    }

    private enum Phase {
        /** There from the beginning, and never found unfit. */
        FROM_THE_BEGINNING,
        /** Unfit, or not known to be fit. */
        COLD,
        /** Warming up, or warm. */
        BEGUN
    }

    private final Optional<WarmUps> warmUps;

    // Written by one probe after the other, read by the pool's writer and by request threads.
    private volatile double wished = 1;
    private volatile boolean wishesToDrain;

    // Written under the monitor of the warm-ups.
    private volatile double warmth = 1;

    // Written under the monitor; read without it to see that nothing is to do.
    private volatile Phase phase = Phase.FROM_THE_BEGINNING;

    private NodeShare(Optional<WarmUps> warmUps) {
        this.warmUps = warmUps;
    }

    /**
     * The share of a back end that is new.
     *
     * @param first whether it is there from the beginning
     * @param asked whether probes will say that it is fit; otherwise it begins to warm up at once
     */
    static NodeShare of(Optional<WarmUps> warmUps, boolean first, boolean asked) {
        NodeShare share = new NodeShare(warmUps);
        if (!first) {
            share.cool();
            if (!asked) {
                share.rose();
            }
        }
        return share;
    }

    /** Above 0. */
    double factor() {
        double wish = wished;
        return (wish > 0 ? wish : 1) * warmth;
    }

    /** Whether the back end itself wants no clients but those that are bound to it. */
    boolean draining() {
        return wishesToDrain || wished == 0;
    }

    boolean warming() {
        return warmth < 1;
    }

    /**
     * Takes the wishes of an answer.
     *
     * @return whether the share has changed
     */
    boolean take(ProbeAnswer answer) {
        double before = factor();
        answer.share().ifPresent(share -> wished = share);
        answer.draining().ifPresent(drain -> wishesToDrain = drain);
        return factor() != before;
    }

    /** Sets how warm it is; returns whether that is a change. */
    boolean warmTo(double newWarmth) {
        boolean changed = warmth != newWarmth;
        warmth = newWarmth;
        return changed;
    }

    /** It was found unfit. */
    void fell() {
        if (cool()) {
            warmUps.orElseThrow().reweigh();
        }
    }

    /** It was found fit. */
    void rose() {
        if (warmUps.isEmpty() || phase != Phase.COLD) {
            return;
        }
        synchronized (this) {
            if (phase == Phase.COLD) {
                phase = Phase.BEGUN;
                warmUps.get().begin(this);
            }
        }
    }

    private boolean cool() {
        if (warmUps.isEmpty() || phase == Phase.COLD) {
            return false;
        }
        synchronized (this) {
            phase = Phase.COLD;
            return warmUps.get().cool(this);
        }
    }
}
