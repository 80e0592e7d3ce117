package dev.remora.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

/**
 * A request whose answer may break off. When that is not dispatched back to {@link ReverseProxyServlet}, because it is a filter that
 * is not mapped for {@code ASYNC}, nobody else can serve it: what they wrote would make a part of an answer look whole. Undertow ends the answer properly whatever is thrown there.
 */
final class BreakableRequest extends HttpServletRequestWrapper {

    private volatile boolean brokenOff;

    BreakableRequest(HttpServletRequest request) {
        super(request);
    }

    void breakOff() {
        brokenOff = true;
    }

    /** What every servlet asks first. */
    @Override
    public String getMethod() {
        if (brokenOff) {
            throw new IllegalStateException("dispatch: to somebody else, of an answer that broke off"
                    + " (expected: ReverseProxyServlet, mapped for the dispatcher type ASYNC)");
        }
        return super.getMethod();
    }
}
