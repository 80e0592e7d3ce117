package dev.remora;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.ResponseView;
import dev.remora.exchange.Usage;
import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One stream on one back end, counted from the pick until it is completed. It is the only thing that an adapter holds.
 *
 * <p>Its life: {@link #requestEdits()} before the request is sent; {@link #responseStarted} when the response head is
 * there; {@link #streamed} and {@link #event} as the answer flows; and exactly one end: {@link #complete} when the stream
 * <em>really</em> ends (last content, close of the upgraded connection, reset, client gone), or {@link #retry} for
 * another back end. A lease that is never ended keeps its place on the back end for ever.
 *
 * <p>Thread-safe. No method blocks.
 */
public sealed interface Lease extends Pick permits StreamLease {

    /** The back end that serves this stream. */
    Backend backend();

    /** Why it was chosen. */
    PickReason reason();

    /** What to change in the request's headers before it is sent to this back end. */
    HeaderEdits requestEdits();

    /**
     * The response head has arrived (not an interim 1xx, but 101 counts): its latency is sampled here, and the back end
     * is judged by it.
     *
     * @param response read during this call only
     * @return what to change in the head before it is sent to the client
     */
    HeaderEdits responseStarted(ResponseView response);

    /**
     * Whether {@link #bodyBegins} is of interest: a session map may learn from the body by which key the client will be known.
     * Always the same for all leases of a balancer.
     */
    boolean wantsBodyBeginning();

    /**
     * The body of the response begins, before the client has seen any of it.
     *
     * @param bytes the first that came, at least one; read during this call only, and left as they are
     */
    void bodyBegins(ByteBuffer bytes);

    /** So many bytes of the body, at least 0, have been relayed to the client. */
    void streamed(long bytes);

    /**
     * One whole server-sent event or WebSocket message has been relayed to the client. An adapter that cannot see where
     * they end, in a compressed body for example, tells of none.
     */
    void event();

    /**
     * Whether {@link #used} is of interest: a guard counts tokens. The same during the life of a lease.
     */
    boolean wantsUsage();

    /**
     * What the stream has used up so far, all in all: an estimate while it goes on, exact when the back end has said so. A
     * guard that wants it to end for that is heard by {@link #onEndRequested}, with {@link EndRequest.Reason#EXHAUSTED}.
     */
    void used(Usage soFar);

    /**
     * How many bytes of the request's body a guard wants to see before any of it is sent to a back end; mostly 0. An adapter
     * that cannot hold the body back does without.
     */
    int wantsRequestBody();

    /**
     * Shows the guards the request's body, as long as {@link #wantsRequestBody} says, or all of it if it is shorter. Once for
     * each request, before it is sent.
     *
     * @param beginning read during this call only, and left as it is
     * @return why the request is refused after all: the caller completes the lease and answers; nothing when it may go on
     */
    Optional<Refusal> requestBody(ByteBuffer beginning);

    /**
     * The adapter has stopped reading from the back end because the client takes nothing, or reads on: silence meanwhile
     * says nothing of the back end.
     */
    void paused(boolean paused);

    /**
     * Changes what this stream counts for while it is open; 1 at first.
     *
     * @param cost 0 to 1,000,000, kept in steps of about a millionth (2<sup>-20</sup>); an idle WebSocket may weigh 0.05
     */
    void cost(double cost);

    /**
     * Ends the stream.
     *
     * @return whether this call ended it; false when it had ended before, and then nothing is changed
     */
    boolean complete(Outcome outcome);

    /**
     * Ends this attempt as failed and picks another back end for the same request: guards do not run again and what they
     * granted is kept. A back end is tried once for each request. A failed connect may always move; other failures
     * spend the retry budget. Whether the request can be sent again is for the caller to judge.
     *
     * @return the next lease, or the refusal that ends the request
     * @throws IllegalStateException if the stream has ended already
     */
    Pick retry(Outcome.Failure failure);

    /**
     * The adapter has seen that it can end this stream politely ({@link EndRequest.Urgency#POLITE}) and that the client
     * can go on elsewhere: a WebSocket, or an event stream that is asked for again from its last event. Only such streams
     * are asked to end when nothing but balance is gained.
     */
    void markResumable();

    /**
     * Asks to be told when the balancer wants this stream to end, on any thread; at once if the wish is there already.
     * A wish may be told twice: first politely, later, when the time is up, for good. A polite wish may also be taken back,
     * which is not told: who puts the end off looks at {@link #endRequest} before it ends the stream. The listener does not
     * block and does not throw; a later one replaces it.
     */
    void onEndRequested(Consumer<EndRequest> listener);

    /** The wish that is in force now; empty when there is none, or when it was taken back. */
    Optional<EndRequest> endRequest();

    /**
     * Makes a blocking call to the back end and completes the lease by how it went: success when the call returns, a
     * failure when it throws, cancelled when the thread was interrupted.
     *
     * <p>This is the safe form for synchronous callers. A {@code try (lease) ... catch} would close the lease before the
     * catch block could say that the call had failed.
     *
     * @throws X whatever the call throws
     */
    <T, X extends Exception> T call(Call<T, X> call) throws X;

    /**
     * A blocking call to a back end.
     *
     * @param <T> what it returns
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface Call<T, X extends Exception> {
        /** Calls the back end. */
        T on(Backend backend) throws X;
    }
}
