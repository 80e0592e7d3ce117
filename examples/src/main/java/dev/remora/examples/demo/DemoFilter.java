package dev.remora.examples.demo;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The {@link DemoSite} in front of a proxy in a servlet container: what is not the site's goes down the chain. */
public final class DemoFilter extends HttpFilter {

    private static final long serialVersionUID = 1L;

    private final transient DemoSite site;

    public DemoFilter(DemoSite site) {
        this.site = site;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getRequestURI();
        if (!DemoSite.has(path)) {
            chain.doFilter(request, response);
            return;
        }
        boolean mayControl = request.getHeader(DemoSite.CONTROL_HEADER) != null;
        // A container's thread has the time to wait until a back end has stopped.
        Page page = site.answer(request.getMethod(), path, mayControl).join();
        byte[] body = page.body();
        response.setStatus(page.status());
        response.setContentType(page.type());
        response.setContentLength(body.length);
        page.headers().forEach(response::setHeader);
        response.getOutputStream().write(body);
    }
}
