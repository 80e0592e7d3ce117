package dev.remora.servlet;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.Refusal;
import dev.remora.exchange.Outcome;
import dev.remora.http.Problem;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A servlet filter that takes a lease for each request and hands it to the application, which speaks to the back end
 * itself. The sticky cookie is set before the response commits, and the lease ends when the response really ends: for
 * an asynchronous request that is its completion, for an upgraded connection its end, not the return of the filter.
 *
 * <pre>{@code
 * var filter = context.addFilter("remora", new LoadBalancingFilter(balancer));
 * filter.setAsyncSupported(true);
 * filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
 *
 * Lease lease = LoadBalancingFilter.lease(request).orElseThrow();    // in the servlet
 * URI backend = lease.backend().uri();
 * }</pre>
 *
 * <p>An application that has no back ends guards itself: {@link dev.remora.pool.Backend#here()}.
 *
 * <p>A request has one lease, whatever it is forwarded to, includes or is dispatched to, and however many of these
 * filters it passes; an error dispatch never takes one. A refused request is answered with the refusal's problem, or by a
 * {@link RefusalAnswer}, and goes no further.
 *
 * <p>How a lease ends: cancelled when a write to the client fails, or a read from it; failed when the chain throws, or
 * when the asynchronous request times out before the response is committed; as a success otherwise, whatever the
 * status. Servlet containers have no common type for a client that has gone, so an {@link IOException} that a
 * container reports to asynchronous listeners counts as one. A timeout after the commit says nothing of the back end
 * and counts as cancelled.
 *
 * <p>The application tells the lease of bytes and events, may listen for the wish that its stream ends, does not
 * complete it unless it has {@linkplain #takeOver taken it over}, and tries another back end with {@link #retry}. A handler
 * that it upgrades a connection to, by {@link HttpServletRequest#upgrade}, is made by its no-argument constructor: nothing
 * is injected into it.
 *
 * <p>Register an instance, with async support, before everything that writes to the response, for all dispatcher types: where
 * a forward or an asynchronous dispatch ends, containers commit the response. Do so in a {@code
 * ServletContainerInitializer} or a {@code ServletContextListener}, or as a bean of the framework. {@code web.xml} and
 * {@code @WebFilter} can only name a class, which has no balancer. Thread-safe. When a shared session map must be asked, or
 * the request waits for a place ({@link dev.remora.LoadBalancerBuilder#waiting}), the container's thread waits with it, for
 * no longer than the map's deadline and the patience: queues should be no longer than the threads that can be spared. The
 * balancer stays the caller's to close.
 */
public final class LoadBalancingFilter implements Filter {

    /** The request attribute that holds the {@link Lease}; {@link #lease} reads it. It stays after the lease's end. */
    public static final String LEASE_ATTRIBUTE = "dev.remora.lease";

    // Holds the exchange, or REFUSED: what a refused request is dispatched to asks no guard again.
    private static final String EXCHANGE_ATTRIBUTE = "dev.remora.servlet.exchange";

    private static final Object REFUSED = "refused";

    private static final Logger log = LoggerFactory.getLogger(LoadBalancingFilter.class);

    private final LoadBalancer balancer;
    private final RefusalAnswer refusalAnswer;
    private final AtomicBoolean toldOfAnswer = new AtomicBoolean();
    private final AtomicBoolean toldOfSecond = new AtomicBoolean();
    private final AtomicBoolean toldOfCommitted = new AtomicBoolean();

    /** A filter in front of a balancer, which may serve other filters too. */
    public LoadBalancingFilter(LoadBalancer balancer) {
        this(balancer, (refusal, request, response) -> OwnAnswer.writeBody(refusal.problem(), response));
    }

    /** A filter that answers refused requests in its own way. */
    public LoadBalancingFilter(LoadBalancer balancer, RefusalAnswer refusalAnswer) {
        this.balancer = Objects.requireNonNull(balancer, "balancer: null (expected: the one that picks back ends)");
        this.refusalAnswer = Objects.requireNonNull(refusalAnswer, "refusalAnswer: null (expected: one that answers)");
    }

    /** The lease of a request; nothing when the request did not pass this filter. */
    public static Optional<Lease> lease(ServletRequest request) {
        return request.getAttribute(LEASE_ATTRIBUTE) instanceof Lease lease ? Optional.of(lease) : Optional.empty();
    }

    /**
     * Ends the present attempt as {@link Lease#retry} does, and puts the next lease in the place of the request's: its
     * cookie is set and it ends with the request. A refusal is the application's to answer.
     *
     * @throws IllegalStateException if the request has no lease, or the response, the end of the request or {@link #takeOver}
     *     came before
     */
    public static Pick retry(ServletRequest request, Outcome.Failure failure) {
        Pick next = exchange(request).retry(failure);
        if (next instanceof Lease lease) {
            request.setAttribute(LEASE_ATTRIBUTE, lease);
        }
        return next;
    }

    /**
     * Takes the lease of a request out of the filter's hands, for a stream that outlives what the filter sees: a WebSocket
     * of the container, or an answer that several requests fetch. From now on the application completes it, once, when
     * the stream ends; a lease that is never completed keeps its place for ever. The response counts as started: its cookie
     * is set now, and it is too late for a {@link #retry}.
     *
     * <pre>{@code
     * Lease lease = LoadBalancingFilter.takeOver(request);
     * endpoint.getUserProperties().put("lease", lease);    // @OnClose: lease.complete(Outcome.success())
     * container.upgradeHttpToWebSocket(request, response, endpoint, Map.of());
     * }</pre>
     *
     * @return the lease, also when it was taken over before
     * @throws IllegalStateException if the request has no lease, or its end came before
     */
    public static Lease takeOver(HttpServletRequest request) {
        return exchange(request).takeOver(request);
    }

    private static ServletExchange exchange(ServletRequest request) {
        if (request.getAttribute(EXCHANGE_ATTRIBUTE) instanceof ServletExchange exchange) {
            return exchange;
        }
        throw new IllegalStateException("lease: none (expected: a request that passed LoadBalancingFilter)");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http) || !(response instanceof HttpServletResponse answer)) {
            throw new ServletException("request: " + request.getProtocol() + " (expected: HTTP)");
        }
        Object known = request.getAttribute(EXCHANGE_ATTRIBUTE);
        if (known instanceof ServletExchange exchange) {
            tellOfSecond(http);
            pass(exchange, http, response, chain);
        } else if (known == REFUSED) {
            chain.doFilter(request, response);
        } else if (request.getDispatcherType() == DispatcherType.ERROR) {
            chain.doFilter(request, response);
        } else {
            balance(http, answer, chain);
        }
    }

    private void balance(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        tellOfCommitted(request, response);
        Pick pick = balancer.acquire(new ServletRequestView(request))
                .toCompletableFuture()
                .join();
        if (pick instanceof Refusal refusal) {
            answer(refusal, request, response);
        } else {
            serve((Lease) pick, request, response, chain);
        }
    }

    private static void serve(Lease lease, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ServletExchange exchange = new ServletExchange(lease, response);
        try {
            request.setAttribute(LEASE_ATTRIBUTE, lease);
            request.setAttribute(EXCHANGE_ATTRIBUTE, exchange);
            LeasedResponse leased = new LeasedResponse(response, exchange);
            chain.doFilter(new LeasedRequest(request, leased, exchange), leased);
            exchange.returned(request);
        } catch (IOException | ServletException | RuntimeException | Error e) {
            exchange.threw();
            throw e;
        }
    }

    // When an asynchronous dispatch throws behind the first byte, Jetty tells no listener of the end.
    private static void pass(
            ServletExchange exchange, HttpServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            chain.doFilter(request, response);
            exchange.dispatched(request);
        } catch (IOException | ServletException | RuntimeException | Error e) {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                exchange.threw();
            }
            throw e;
        }
    }

    private void answer(Refusal refusal, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Problem problem = refusal.problem();
        if (response.isCommitted()) {
            throw new ServletException("response: committed, so that the refusal \"" + problem.title()
                    + "\" cannot be sent (expected: LoadBalancingFilter before everything that writes)");
        }
        request.setAttribute(EXCHANGE_ATTRIBUTE, REFUSED);
        OwnAnswer.prepare(problem, refusal.headers(), response);
        try {
            refusalAnswer.answer(refusal, request, response);
        } catch (IOException | ServletException | RuntimeException e) {
            if (response.isCommitted() || request.isAsyncStarted()) {
                throw e;
            }
            tellOfAnswer(e);
            response.reset();
            OwnAnswer.write(problem, refusal.headers(), response);
        }
    }

    private void tellOfAnswer(Exception failure) {
        if (toldOfAnswer.compareAndSet(false, true)) {
            log.warn("refusalAnswer: threw, the problem document is sent instead, now and from now on", failure);
        }
    }

    private void tellOfSecond(HttpServletRequest request) {
        if (request.getDispatcherType() == DispatcherType.REQUEST && toldOfSecond.compareAndSet(false, true)) {
            log.warn("request: has a lease already, this filter takes no second"
                    + " (expected: one LoadBalancingFilter for each request; narrow or remove a filter mapping)");
        }
    }

    private void tellOfCommitted(HttpServletRequest request, HttpServletResponse response) {
        boolean early = response.isCommitted() && request.getDispatcherType() == DispatcherType.REQUEST;
        if (early && toldOfCommitted.compareAndSet(false, true)) {
            log.warn("response: committed before the pick, so that it carries no sticky cookie"
                    + " (expected: LoadBalancingFilter before everything that writes)");
        }
    }
}
