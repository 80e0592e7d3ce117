package dev.remora.examples.container;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the requests that a container has not finished yet; an asynchronous one is finished when it is completed, or when a
 * dispatch of it is its last. The first filter of an application. Thread-safe.
 */
final class OpenRequests implements Filter {

    private static final String ENDING_ATTRIBUTE = "dev.remora.examples.ending";

    private final AtomicLong open = new AtomicLong();
    private final CompletableFuture<Void> none = new CompletableFuture<>();
    // Set before the first look at the count, so that either the look or the last request completes the future.
    private volatile boolean awaited;

    /** An application, with this filter before all of its own. */
    ServletContainerInitializer before(ServletContainerInitializer application) {
        return (classes, context) -> {
            register(context);
            application.onStartup(classes, context);
        };
    }

    private void register(ServletContext context) {
        FilterRegistration.Dynamic filter = context.addFilter("open-requests", this);
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), false, "/*");
    }

    /** Completes when none is open. */
    CompletionStage<Void> whenNone() {
        awaited = true;
        completeIfNone();
        return none;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Ending ending;
        if (request.getAttribute(ENDING_ATTRIBUTE) instanceof Ending known) {
            ending = known;
        } else {
            ending = new Ending();
            request.setAttribute(ENDING_ATTRIBUTE, ending);
            open.incrementAndGet();
        }
        boolean returned = false;
        try {
            chain.doFilter(request, response);
            returned = true;
        } finally {
            if (returned && request.isAsyncStarted() && !isUpgraded(response)) {
                request.getAsyncContext().addListener(ending);
            } else {
                ending.onComplete();
            }
        }
    }

    // What comes of it is a stream, and no request any more; but Jetty calls it asynchronous, and never completes it.
    private static boolean isUpgraded(ServletResponse response) {
        return response instanceof HttpServletResponse http
                && http.getStatus() == HttpServletResponse.SC_SWITCHING_PROTOCOLS;
    }

    private void ended() {
        open.decrementAndGet();
        completeIfNone();
    }

    private void completeIfNone() {
        if (awaited && open.get() == 0) {
            none.complete(null);
        }
    }

    /** The end of one asynchronous request, whatever it is. */
    private final class Ending implements AsyncListener {

        private final AtomicBoolean seen = new AtomicBoolean();

        @Override
        public void onComplete(AsyncEvent event) {
            onComplete();
        }

        void onComplete() {
            if (seen.compareAndSet(false, true)) {
                ended();
            }
        }

        // Not the end yet: it is completed afterwards.
        @Override
        public void onTimeout(AsyncEvent event) {}

        @Override
        public void onError(AsyncEvent event) {}

        // A container forgets its listeners whenever a request becomes asynchronous once more.
        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
