package dev.remora.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The response as the application sees it. Whatever may commit it starts the exchange first: errors, redirects,
 * flushes, and the first byte of the body. To ask for the stream or to set a status is not yet a start, because the
 * application may still change its mind.
 */
final class LeasedResponse extends HttpServletResponseWrapper {

    private final ServletExchange exchange;
    private @Nullable ServletOutputStream output;
    private @Nullable PrintWriter writer;

    LeasedResponse(HttpServletResponse response, ServletExchange exchange) {
        super(response);
        this.exchange = exchange;
    }

    @Override
    public void sendError(int status) throws IOException {
        exchange.start(status);
        super.sendError(status);
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        exchange.start(status);
        super.sendError(status, message);
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        exchange.start(SC_FOUND);
        super.sendRedirect(location);
    }

    /** As Servlet 6.1 declares it. */
    public void sendRedirect(String location, int status) throws IOException {
        sendRedirect(location, status, true);
    }

    /** As Servlet 6.1 declares it. */
    public void sendRedirect(String location, boolean clearBuffer) throws IOException {
        sendRedirect(location, SC_FOUND, clearBuffer);
    }

    /** As Servlet 6.1 declares it, whose own wrapper would ask the container's response and leave us out. */
    public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
        exchange.start(status);
        Servlet61.sendRedirect((HttpServletResponse) getResponse(), location, status, clearBuffer);
    }

    @Override
    public void flushBuffer() throws IOException {
        exchange.send(super::flushBuffer);
    }

    @Override
    public void reset() {
        super.reset();
        output = null;
        writer = null;
        exchange.headersReset();
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        if (output == null) {
            output = new ClientOutput(super.getOutputStream(), exchange);
        }
        return Objects.requireNonNull(output);
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (writer == null) {
            writer = new PrintWriter(new ClientWriter(super.getWriter(), exchange));
        }
        return Objects.requireNonNull(writer);
    }
}
