package dev.remora.servlet;

import dev.remora.Refusal;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * What {@link LoadBalancingFilter} answers to a request that the balancer refuses; by default the problem document of the
 * refusal. Thread-safe.
 *
 * <pre>{@code
 * new LoadBalancingFilter(balancer, (refusal, request, response) -> {
 *     response.setContentType("text/html");
 *     response.getWriter().print("<h1>We are full. Come back soon!</h1>");
 * });
 * }</pre>
 */
@FunctionalInterface
public interface RefusalAnswer {

    /**
     * Answers. It may forward the request, send an error, or start an asynchronous answer: no dispatch of a refused request
     * is guarded again. When it throws before anything is sent, the problem document is sent in its place.
     *
     * @param refusal why
     * @param response has the status of the refusal, its headers, {@code Retry-After} if it is known when to come back, and
     *     {@code Cache-Control: no-store}; all may be changed
     */
    void answer(Refusal refusal, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException;
}
