package dev.remora;

import java.util.concurrent.CompletionStage;

/**
 * A drain that was ordered: the way to watch it and to call it off. Thread-safe; no method blocks.
 *
 * <p>A back end that was drained stays so, with or without streams, until {@link #cancel()}, or until it has left its
 * source and its last stream has ended: when it returns after that, or with another address, it is a new back end. One
 * that flaps, and returns with streams of before still open, is still the same and still drained.
 */
public sealed interface Draining permits DrainRun {

    /**
     * Completes when no stream is open and none can be opened any more; on the balancer's scheduler, or on the thread
     * that ended the last stream if the balancer was closed. While bound clients may still come, which is until the soft
     * deadline if the balancer has a sticky cookie or sessions, an idle back end does not count as empty.
     * Completes exceptionally, with a {@link java.util.concurrent.CancellationException}, when the drain is cancelled before. A drain that is replaced by
     * another one of the same back end completes with that one.
     */
    CompletionStage<Void> empty();

    /** Streams that are open now, at least 0. */
    long openStreams();

    /** How far it has come. */
    Phase phase();

    /**
     * Calls the drain off, at any time: new and bound clients come at once, nobody is asked to end any more, and wishes of
     * this drain that were not followed yet are taken back ({@link Lease#endRequest}).
     *
     * @return whether the drain was in force; false if it was cancelled or replaced before, or its back end is gone
     */
    boolean cancel();

    /** How far a drain has come. */
    enum Phase {
        /** Before the soft deadline: bound clients are served. */
        SOFT,
        /** Between the deadlines: open streams are asked to end, one after the other. */
        CLOSING,
        /** After the hard deadline: all were asked to end at once, and some have not ended yet. */
        OVERDUE,
        /** No stream is open, and none will be. */
        EMPTY,
        /** It was called off. */
        CANCELLED,
        /** A later drain of the same back end took its place. */
        REPLACED
    }
}
