package dev.remora.servlet;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** A servlet that is one function. */
record TestServlet(Handler handler) implements Servlet {

    @Override
    public void service(ServletRequest request, ServletResponse response) throws ServletException, IOException {
        try {
            handler.handle((HttpServletRequest) request, (HttpServletResponse) response);
        } catch (InterruptedException e) {
            throw new ServletException(e);
        }
    }

    @Override
    public void init(ServletConfig config) {}

    @Override
    public ServletConfig getServletConfig() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getServletInfo() {
        return "";
    }

    @Override
    public void destroy() {}

    /** Answers a request. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException, InterruptedException;
    }
}
