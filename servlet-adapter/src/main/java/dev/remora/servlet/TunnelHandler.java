package dev.remora.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the connection of a client when a back end has agreed to an upgrade. Public, with a public constructor, because the
 * servlet container makes it; for {@link ReverseProxyServlet} only, which hands it its tunnel before the container begins.
 */
public final class TunnelHandler implements HttpUpgradeHandler {

    private static final Logger log = LoggerFactory.getLogger(TunnelHandler.class);

    // Written before the request's thread leaves the servlet, and read when it has.
    private volatile @Nullable Tunnel tunnel;
    private volatile @Nullable HttpServletRequest request;
    private volatile boolean secure;

    /** For the container. */
    public TunnelHandler() {}

    void take(Tunnel newTunnel, HttpServletRequest upgraded) {
        secure = upgraded.isSecure();
        request = upgraded;
        tunnel = newTunnel;
    }

    /** The container has left HTTP. */
    @Override
    public void init(WebConnection connection) {
        Tunnel begun = tunnel;
        if (begun == null) {
            return;
        }
        try {
            keepOpen();
            begun.begin(connection, secure);
        } catch (IOException | RuntimeException e) {
            log.error("an upgraded connection cannot be served", e);
            begun.abandon();
            close(connection);
        }
    }

    // Jetty serves an upgraded connection as an asynchronous request, which has a timeout. Others have taken theirs
    // back.
    private void keepOpen() {
        HttpServletRequest upgraded = request;
        request = null;
        try {
            if (upgraded != null && upgraded.isAsyncStarted()) {
                upgraded.getAsyncContext().setTimeout(0);
            }
        } catch (IllegalStateException e) {
            log.trace("the request of an upgraded connection has ended", e);
        }
    }

    private static void close(WebConnection connection) {
        try {
            connection.close();
        } catch (Exception e) {
            log.debug("an upgraded connection cannot be closed: {}", e.toString());
        }
    }

    /** The connection is gone, as far as the container tells. */
    @Override
    public void destroy() {
        Tunnel begun = tunnel;
        if (begun != null) {
            begun.abandon();
        }
    }
}
