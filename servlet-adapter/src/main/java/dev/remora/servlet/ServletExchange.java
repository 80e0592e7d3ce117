package dev.remora.servlet;

import static jakarta.servlet.http.HttpServletResponse.SC_SWITCHING_PROTOCOLS;

import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request with its lease, from the pick to the end: when its response starts, whose fault its end is, and that it
 * ends once.
 *
 * <p>Container threads and the application's own come here. Who moves {@code keeper} away from the filter is the only one
 * to act on the lease's end: whoever ends the request completes it, and the application may take it over instead. A lease
 * that a retry brings in after the end is given back.
 */
final class ServletExchange implements AsyncListener {

    private final HttpServletResponse response;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean bodyBegun = new AtomicBoolean();
    private final AtomicBoolean listening = new AtomicBoolean();
    private final AtomicReference<Keeper> keeper = new AtomicReference<>(Keeper.FILTER);

    // Replaced by a retry, which the application makes before it answers.
    private volatile Lease lease;
    private volatile HeaderEdits edits = HeaderEdits.none();
    // What the application has committed. By the time of an error the container may have committed a page of its own.
    private volatile boolean committed;
    private volatile boolean clientFailed;
    // The connection has left the life of a servlet request: its handler tells of the end.
    private volatile boolean upgraded;
    private volatile @Nullable Outcome timedOut;

    /**
     * Begins an exchange.
     *
     * @param response the container's own: an include forbids headers only to the wrapper that it puts around this one
     */
    ServletExchange(Lease lease, HttpServletResponse response) {
        this.lease = lease;
        this.response = response;
    }

    Pick retry(Outcome.Failure failure) {
        if (started.get()) {
            throw new IllegalStateException("response: started (expected: retry before anything is written)");
        }
        Pick next = lease.retry(failure);
        if (next instanceof Lease another) {
            lease = another;
            if (isOver()) {
                another.complete(Outcome.cancelled());
            }
        } else {
            // What follows is the application's own answer: it ties the client to nobody.
            started.set(true);
        }
        return next;
    }

    /** The lease is the application's to complete from now on. Its response counts as started. */
    Lease takeOver(HttpServletRequest request) {
        boolean webSocket = "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
        start(webSocket ? SC_SWITCHING_PROTOCOLS : response.getStatus());
        keeper.compareAndSet(Keeper.FILTER, Keeper.APPLICATION);
        if (isOver()) {
            throw new IllegalStateException("lease: ended (expected: takeOver before the end of the request)");
        }
        return lease;
    }

    boolean isTakenOver() {
        return keeper.get() == Keeper.APPLICATION;
    }

    /** Whether the lease has been ended here. */
    boolean isOver() {
        return keeper.get() == Keeper.NOBODY;
    }

    /** The container will hand the connection to a handler, which tells of its end. */
    void upgraded() {
        start(SC_SWITCHING_PROTOCOLS);
        upgraded = true;
    }

    /** The response is about to commit, with the status that it has now. */
    void start() {
        if (!started.get()) {
            start(response.getStatus());
        }
    }

    /** The response is about to commit. */
    void start(int status) {
        if (started.compareAndSet(false, true)) {
            ServletHead head = new ServletHead(response, status);
            edits = lease.responseStarted(head);
            committed = response.isCommitted();
            if (!committed) {
                edits.applyTo(head);
            }
        }
    }

    /** The application has thrown all headers away, before the response was committed. */
    void headersReset() {
        edits.applyTo(new ServletHead(response, response.getStatus()));
    }

    /** A piece of the body comes, of which the first may tell a key. */
    void bodyPasses(Supplier<ByteBuffer> piece) {
        if (lease.wantsBodyBeginning() && bodyBegun.compareAndSet(false, true)) {
            start();
            lease.bodyBegins(piece.get());
        }
    }

    /** Does something that sends to the client, or may. If it cannot, the client has gone and the stream is over. */
    void send(Transfer transfer) throws IOException {
        start();
        try {
            transfer.run();
        } catch (IOException e) {
            clientGone();
            throw e;
        }
        if (!committed) {
            committed = response.isCommitted();
        }
    }

    /** Calls the application's listener; what it throws is the end. */
    void call(Transfer callback) throws IOException {
        try {
            callback.run();
        } catch (IOException | RuntimeException | Error e) {
            threw();
            throw e;
        }
    }

    /** The client can be told nothing any more. */
    void clientGone() {
        clientFailed = true;
        end(Outcome.cancelled());
    }

    /** The request cannot be read: what follows is not the back end's fault. It may still be answered. */
    void clientFailed() {
        clientFailed = true;
    }

    // Another start of asynchrony: a timeout that the application survived does not count. Undertow may tell of the end
    // before it tells of the start.
    void asyncStarted(AsyncContext context) {
        timedOut = null;
        if (listening.compareAndSet(false, true)) {
            context.addListener(this);
        }
    }

    /** The chain has returned: this is the end, unless the request is asynchronous now, or the connection upgraded. */
    void returned(HttpServletRequest request) {
        if (upgraded) {
            return;
        }
        // By a request that is not ours.
        if (!listening.get() && request.isAsyncStarted()) {
            asyncStarted(request.getAsyncContext());
        }
        if (!listening.get()) {
            start();
            finished();
        }
    }

    /**
     * A dispatch has returned to which the filter is mapped, too. Behind a forward, or an asynchronous dispatch without a
     * second start of asynchrony, the container commits the response.
     */
    void dispatched(HttpServletRequest request) {
        DispatcherType type = request.getDispatcherType();
        if ((type == DispatcherType.ASYNC || type == DispatcherType.FORWARD) && !request.isAsyncStarted()) {
            start();
        }
    }

    /** The stream has come to its end, as far as anybody knows. */
    void finished() {
        end(clientFailed ? Outcome.cancelled() : Outcome.success());
    }

    /** The handler of the upgraded connection has thrown. */
    void upgradeFailed() {
        end(clientFailed ? Outcome.cancelled() : broken(true));
    }

    /** The chain has thrown. */
    void threw() {
        end(clientFailed ? Outcome.cancelled() : broken(response.isCommitted()));
    }

    // A container forgets its listeners whenever a request becomes asynchronous once more, by our request or another.
    @Override
    public void onStartAsync(AsyncEvent event) {
        timedOut = null;
        event.getAsyncContext().addListener(this);
    }

    // Not the end yet: the application may still answer, or dispatch.
    @Override
    public void onTimeout(AsyncEvent event) {
        timedOut = committed ? Outcome.cancelled() : Outcome.failure(FailureKind.FIRST_BYTE_TIMEOUT);
    }

    @Override
    public void onError(AsyncEvent event) {
        Outcome timeout = timedOut;
        if (timeout != null) {
            end(timeout);
        } else {
            boolean byClient = clientFailed || event.getThrowable() instanceof IOException;
            end(byClient ? Outcome.cancelled() : broken(committed));
        }
    }

    @Override
    public void onComplete(AsyncEvent event) {
        Outcome timeout = timedOut;
        if (timeout == null || clientFailed) {
            finished();
        } else {
            end(timeout);
        }
    }

    private static Outcome broken(boolean midway) {
        return Outcome.failure(midway ? FailureKind.TRUNCATED : FailureKind.NO_RESPONSE);
    }

    private void end(Outcome outcome) {
        if (keeper.compareAndSet(Keeper.FILTER, Keeper.NOBODY)) {
            lease.complete(outcome);
        }
    }

    /** Whose it is to complete the lease. */
    private enum Keeper {
        FILTER,
        APPLICATION,
        NOBODY
    }

    /** A piece of traffic with the client. */
    @FunctionalInterface
    interface Transfer {
        void run() throws IOException;
    }
}
