package dev.remora.servlet;

import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client of one asynchronous request, as the container shows it. It is completed, or broken off, once. */
final class ClientSide implements AsyncListener {

    private static final Logger log = LoggerFactory.getLogger(ClientSide.class);
    private static final String BROKEN_OFF_ATTRIBUTE = "dev.remora.servlet.brokenOff";

    private final BreakableRequest request;
    private final HttpServletResponse response;
    private final AsyncContext context;
    private final Consumer<ClientSide> streamEnded;
    private final AtomicBoolean over = new AtomicBoolean();
    // Written by the container at once, though its word may wait in the serial behind steps that fail because of it.
    private volatile boolean gone;
    // Written before the listener is added.
    private @Nullable Listener listener;
    private @Nullable Executor serial;

    /** Hears of a client; called in the serial. */
    interface Listener {

        /** It is gone, or the container has ended the request. */
        void clientGone();

        /** The proxy is destroyed. */
        void proxyGone();
    }

    private ClientSide(
            BreakableRequest request,
            HttpServletResponse response,
            AsyncContext context,
            Consumer<ClientSide> streamEnded) {
        this.request = request;
        this.response = response;
        this.context = context;
        this.streamEnded = streamEnded;
    }

    /** Makes a request asynchronous, for as long as it takes. */
    static ClientSide startAsync(
            HttpServletRequest request, HttpServletResponse response, Consumer<ClientSide> streamEnded) {
        BreakableRequest breakable = new BreakableRequest(request);
        AsyncContext context = request.startAsync(breakable, response);
        context.setTimeout(0);
        return new ClientSide(breakable, response, context, streamEnded);
    }

    void listen(Listener newListener, Executor newSerial) {
        listener = newListener;
        serial = newSerial;
        context.addListener(this);
    }

    ServletInputStream input() throws IOException {
        return request.getInputStream();
    }

    /**
     * The way to the client. Undertow forgets a flush while the bytes before it are on their way, and says that it is ready:
     * what it keeps in its buffer then stays there until more comes. What fits into no buffer it hands on, or says that it is
     * not ready.
     */
    ServletOutputStream output() throws IOException {
        if (isServedBy(request, "io.undertow.")) {
            response.setBufferSize(1);
        }
        return response.getOutputStream();
    }

    /**
     * Sets the head of the back end's answer.
     *
     * @param lastAndOpen whether the connection ends with this answer, whose length is not known. Jetty and Undertow would let
     *     the end of the connection end the body, and nobody could tell a broken one from a whole one, but they heed who
     *     names the coding
     */
    void answer(AnswerHead head, HeaderEdits edits, boolean lastAndOpen) {
        head.applyTo(response, edits);
        if (lastAndOpen && (isServedBy(request, "org.eclipse.jetty.") || isServedBy(request, "io.undertow."))) {
            response.setHeader("Transfer-Encoding", "chunked");
        }
    }

    private static boolean isServedBy(HttpServletRequest request, String product) {
        return request.getServletContext().getClass().getName().startsWith(product);
    }

    /** Whether the head of an answer has not left yet. */
    boolean isUntold() {
        return !response.isCommitted();
    }

    /**
     * Answers in place of a head that the container has not taken: Tomcat has room for 8 KB. It would frame a body as it
     * would have framed that one's, so there is none.
     */
    void answerInstead(Problem problem, AnswerHead refused) {
        response.reset();
        OwnAnswer.prepare(problem, headers -> headers.set("connection", "close"), response);
        if (!refused.headers("content-length").isEmpty()) {
            response.setContentLength(0);
        }
        complete();
    }

    /** Answers by itself. */
    void answer(Problem problem, HeaderEdits headers) {
        try {
            OwnAnswer.write(problem, headers, response);
        } catch (IOException e) {
            log.debug("the client has gone before it was told: {}", problem.title());
        }
        complete();
    }

    /** The answer is complete. */
    void complete() {
        if (over.compareAndSet(false, true)) {
            try {
                context.complete();
            } catch (IllegalStateException e) {
                log.debug("the container has ended the request already");
            }
        }
    }

    /** Shows the client that something is missing. */
    void breakOff() {
        if (over.compareAndSet(false, true)) {
            try {
                request.setAttribute(BROKEN_OFF_ATTRIBUTE, true);
                request.breakOff();
                context.dispatch();
            } catch (IllegalStateException e) {
                log.debug("the container has ended the request already");
            }
        }
    }

    /** Whether a request comes again only so that its answer is broken off. */
    static boolean isBrokenOff(ServletRequest request) {
        return request.getAttribute(BROKEN_OFF_ATTRIBUTE) != null;
    }

    /**
     * Ends the connection of a request that has come again for that. Containers do so when something is thrown behind the
     * head of an answer. Undertow then leaves the client waiting, but breaks off what takes too long.
     */
    static void breakConnection(HttpServletRequest request) throws BrokenOff {
        if (!isServedBy(request, "io.undertow.")) {
            throw new BrokenOff();
        }
        request.startAsync().setTimeout(1);
    }

    /** It is served no more, whatever it still has to read. */
    void streamEnded() {
        streamEnded.accept(this);
    }

    @Override
    public void onComplete(AsyncEvent event) {
        ended();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        ended();
    }

    @Override
    public void onError(AsyncEvent event) {
        ended();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }

    /** Whether the container has ended the request: what it gave may have been taken back, and throws now. */
    boolean isGone() {
        return gone;
    }

    private void ended() {
        gone = true;
        if (serial != null && listener != null) {
            serial.execute(listener::clientGone);
        }
    }

    /** The proxy is destroyed. */
    void proxyGone() {
        if (serial != null && listener != null) {
            serial.execute(listener::proxyGone);
        }
    }
}
