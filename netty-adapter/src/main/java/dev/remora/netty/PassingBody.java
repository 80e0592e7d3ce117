package dev.remora.netty;

import dev.remora.EndRequest;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.random.RandomGenerator;

/** The body of one answer as it passes: what is counted of it, and where it may end before its time. */
interface PassingBody {

    /** Instead of an index. */
    int NOWHERE = -1;

    /** A body that nobody looks at. */
    PassingBody UNSEEN = bytes -> NOWHERE;

    /**
     * Looks at the next bytes, and leaves them as they are.
     *
     * @return the index behind a place among them where the body may end, or {@link #NOWHERE}
     */
    int pass(ByteBuf bytes);

    /** All that one read brought has passed. */
    default void burstEnded() {}

    /** All of the body has passed. */
    default void ended() {}

    /** Whether the body may end where it is. */
    default boolean mayEndHere() {
        return false;
    }

    /**
     * The answer has used up what it may. From now on the body may end, at the first place that comes, if it can say why it
     * is short.
     *
     * @return whether it will end properly; otherwise it is to be broken
     */
    default boolean exhaust() {
        return false;
    }

    /** Whether it was {@linkplain #exhaust exhausted}: the rest may not take its time. */
    default boolean isExhausted() {
        return false;
    }

    /** Whether it has gone on for too long since then. */
    default boolean isOverrun() {
        return false;
    }

    /** The end of a body that ends before its time. */
    default LastHttpContent farewell(EndRequest wish, RandomGenerator random) {
        return LastHttpContent.EMPTY_LAST_CONTENT;
    }
}
