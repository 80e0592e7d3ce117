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
 * an asynchronous request that is its completion, not the return of the filter.
 *
 * <pre>{@code
 * context.addFilter("remora", new LoadBalancingFilter(balancer));    // asyncSupported, mapped to /*
 *
 * Lease lease = LoadBalancingFilter.lease(request).orElseThrow();    // in the servlet
 * URI backend = lease.backend().uri();
 * }</pre>
 *
 * <p>A request has one lease, whatever it is forwarded to, includes or is dispatched to, and however many of these
 * filters it passes; an error dispatch never takes one. A refused request is answered with the refusal's problem and
 * goes no further.
 *
 * <p>How a lease ends: cancelled when a write to the client fails, or a read from it; failed when the chain throws, or
 * when the asynchronous request times out before the response is committed; as a success otherwise, whatever the
 * status. Servlet containers have no common type for a client that has gone, so an {@link IOException} that a
 * container reports to asynchronous listeners counts as one. A timeout after the commit says nothing of the back end
 * and counts as cancelled.
 *
 * <p>The application tells the lease of bytes and events, may listen for the wish that its stream ends, does not
 * complete it, and tries another back end with {@link #retry}. A connection that it upgrades leaves the life of a
 * servlet request: its lease ends when the filter returns.
 *
 * <p>Register the filter with async support, before everything that writes to the response. Thread-safe. When a shared
 * session map must be asked, or the request waits for a place ({@link dev.remora.LoadBalancerBuilder#waiting}), the
 * container's thread waits with it, for no longer than the map's deadline and the patience: queues should be no longer
 * than the threads that can be spared. The balancer stays the caller's to close.
 */
public final class LoadBalancingFilter implements Filter {

    /** The request attribute that holds the {@link Lease}; {@link #lease} reads it. It stays after the lease's end. */
    public static final String LEASE_ATTRIBUTE = "dev.remora.lease";

    private static final String EXCHANGE_ATTRIBUTE = "dev.remora.servlet.exchange";

    private static final Logger log = LoggerFactory.getLogger(LoadBalancingFilter.class);

    private final LoadBalancer balancer;
    private final AtomicBoolean toldOfSecond = new AtomicBoolean();
    private final AtomicBoolean toldOfCommitted = new AtomicBoolean();

    /** A filter in front of a balancer, which may serve other filters too. */
    public LoadBalancingFilter(LoadBalancer balancer) {
        this.balancer = Objects.requireNonNull(balancer, "balancer");
    }

    /** The lease of a request; nothing when the request did not pass this filter. */
    public static Optional<Lease> lease(ServletRequest request) {
        return request.getAttribute(LEASE_ATTRIBUTE) instanceof Lease lease ? Optional.of(lease) : Optional.empty();
    }

    /**
     * Ends the present attempt as {@link Lease#retry} does, and puts the next lease in the place of the request's: its
     * cookie is set and it ends with the request. A refusal is the application's to answer.
     *
     * @throws IllegalStateException if the request has no lease, or the response or the end of the request came before
     */
    public static Pick retry(ServletRequest request, Outcome.Failure failure) {
        if (!(request.getAttribute(EXCHANGE_ATTRIBUTE) instanceof ServletExchange exchange)) {
            throw new IllegalStateException("lease: none (expected: a request that passed LoadBalancingFilter)");
        }
        Pick next = exchange.retry(failure);
        if (next instanceof Lease lease) {
            request.setAttribute(LEASE_ATTRIBUTE, lease);
        }
        return next;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http) || !(response instanceof HttpServletResponse answer)) {
            throw new ServletException("request: " + request.getProtocol() + " (expected: HTTP)");
        }
        if (request.getAttribute(EXCHANGE_ATTRIBUTE) != null) {
            tellOfSecond(http);
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
            answer(refusal, response);
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

    private static void answer(Refusal refusal, HttpServletResponse response) throws IOException, ServletException {
        Problem problem = refusal.problem();
        if (response.isCommitted()) {
            throw new ServletException("response: committed, so that the refusal \"" + problem.title()
                    + "\" cannot be sent (expected: LoadBalancingFilter before everything that writes)");
        }
        byte[] body = problem.json();
        response.setStatus(problem.status());
        refusal.headers().applyTo(new ServletHead(response, problem.status()));
        problem.retryAfterSeconds().ifPresent(seconds -> response.setHeader("Retry-After", seconds));
        response.setContentType(Problem.MEDIA_TYPE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
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
