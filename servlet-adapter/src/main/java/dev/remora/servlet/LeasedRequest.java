package dev.remora.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.Part;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The request as the application sees it. It is heard when it becomes asynchronous, before the application can complete
 * it on another thread, when it is upgraded, and when its body cannot be read.
 *
 * <p>{@code startAsync()} means {@code startAsync(this, response)}: with the container's own response the application
 * would commit behind our back.
 */
final class LeasedRequest extends HttpServletRequestWrapper {

    private final LeasedResponse response;
    private final ServletExchange exchange;
    private final boolean asyncSupportedHere;
    private @Nullable ServletInputStream input;
    private @Nullable BufferedReader reader;

    LeasedRequest(HttpServletRequest request, LeasedResponse response, ServletExchange exchange) {
        super(request);
        this.response = response;
        this.exchange = exchange;
        this.asyncSupportedHere = request.isAsyncSupported();
    }

    @Override
    public AsyncContext startAsync() {
        return startAsync(this, response);
    }

    @Override
    public AsyncContext startAsync(ServletRequest asyncRequest, ServletResponse asyncResponse) {
        if (!isAsyncSupported()) {
            // Some containers ask the filters one after another, others all at once.
            String whose = asyncSupportedHere
                    ? "every filter and servlet behind LoadBalancingFilter"
                    : "LoadBalancingFilter and every other filter and servlet of the request";
            throw new IllegalStateException("asyncSupported: false (expected: true on " + whose
                    + ", by registration.setAsyncSupported(true), @WebFilter(asyncSupported = true) or"
                    + " <async-supported> in web.xml)");
        }
        AsyncContext context = super.startAsync(asyncRequest, asyncResponse);
        exchange.asyncStarted(context);
        return new LeasedAsyncContext(context, exchange);
    }

    @Override
    public AsyncContext getAsyncContext() {
        return new LeasedAsyncContext(super.getAsyncContext(), exchange);
    }

    @Override
    public <T extends HttpUpgradeHandler> T upgrade(Class<T> type) throws IOException, ServletException {
        if (exchange.isTakenOver() || LeasedUpgradeHandler.isContainers(type)) {
            return super.upgrade(type);
        }
        T handler = LeasedUpgradeHandler.make(type);
        LeasedUpgradeHandler leased = super.upgrade(LeasedUpgradeHandler.class);
        leased.hold(handler, exchange);
        return handler;
    }

    @Override
    public @Nullable RequestDispatcher getRequestDispatcher(String path) {
        RequestDispatcher dispatcher = super.getRequestDispatcher(path);
        return dispatcher == null ? null : new LeasedDispatcher(dispatcher, exchange);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (input == null) {
            input = new ClientInput(super.getInputStream(), exchange);
        }
        return Objects.requireNonNull(input);
    }

    @Override
    public BufferedReader getReader() throws IOException {
        if (reader == null) {
            reader = new BufferedReader(new ClientReader(super.getReader(), exchange));
        }
        return Objects.requireNonNull(reader);
    }

    @Override
    public Collection<Part> getParts() throws IOException, ServletException {
        try {
            return super.getParts();
        } catch (IOException | ServletException | RuntimeException e) {
            exchange.clientFailed();
            throw e;
        }
    }

    @Override
    public @Nullable Part getPart(String name) throws IOException, ServletException {
        try {
            return super.getPart(name);
        } catch (IOException | ServletException | RuntimeException e) {
            exchange.clientFailed();
            throw e;
        }
    }
}
