package dev.remora.servlet;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/**
 * The container's dispatcher, except that an include starts the response: while it runs, Undertow drops all headers that
 * are set.
 */
final class LeasedDispatcher implements RequestDispatcher {

    private final RequestDispatcher dispatcher;
    private final ServletExchange exchange;

    LeasedDispatcher(RequestDispatcher dispatcher, ServletExchange exchange) {
        this.dispatcher = dispatcher;
        this.exchange = exchange;
    }

    @Override
    public void forward(ServletRequest request, ServletResponse response) throws ServletException, IOException {
        dispatcher.forward(request, response);
    }

    @Override
    public void include(ServletRequest request, ServletResponse response) throws ServletException, IOException {
        exchange.start();
        dispatcher.include(request, response);
    }
}
