package dev.remora.guard;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.Usage;
import dev.remora.http.HeaderEdits;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a guard grants to one request, and holds while its stream is open. It sees what the stream does, on whichever
 * thread that happens. Thread-safe: the end may come while another call is under way. Nothing of it blocks or throws.
 */
@FunctionalInterface
public interface Permit {

    /** The stream has ended, or never got to a back end. Called exactly once. */
    void ended(Outcome outcome);

    /** What to change in the request's head before it is sent to a back end; nothing by default. */
    default HeaderEdits requestEdits() {
        return HeaderEdits.none();
    }

    /** What to change in the response's head before the client sees it; nothing by default. */
    default HeaderEdits responseEdits() {
        return HeaderEdits.none();
    }

    /** How many bytes of the request's body are of interest, before any of it is sent to a back end; none by default. */
    default int wantsRequestBody() {
        return 0;
    }

    /**
     * The request's body, or its beginning, before a back end has seen any of it. Only when {@link #wantsRequestBody} is above 0,
     * and by adapters that can hold it back: not by every one.
     *
     * @param beginning all of the body if it is not longer than what is wanted; read during this call only
     * @return why the request is refused after all; nothing when it may go on
     */
    default Optional<Admission.Denied> requestBody(ByteBuffer beginning) {
        return Optional.empty();
    }

    /** So many more bytes of the body have been relayed to the client. */
    default void streamed(long bytes) {}

    /** One more whole event has been relayed to the client. */
    default void event() {}

    /**
     * Whether {@link #used} is of interest: then the adapter reads what answers say of their tokens, and the back end is asked not to
     * compress them. Not by default.
     */
    default boolean wantsUsage() {
        return false;
    }

    /**
     * What the stream has used up so far, all in all: an estimate while it goes on, exact when the back end has said so.
     *
     * @return whether the stream may go on
     */
    default boolean used(Usage soFar) {
        return true;
    }
}
