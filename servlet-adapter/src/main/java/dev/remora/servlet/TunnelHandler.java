package dev.remora.servlet;

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
    private volatile boolean secure;

    /** For the container. */
    public TunnelHandler() {}

    void take(Tunnel newTunnel, boolean overTls) {
        secure = overTls;
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
            if (!begun.begin(connection, secure)) {
                close(connection);
            }
        } catch (IOException | RuntimeException e) {
            log.error("an upgraded connection cannot be served", e);
            begun.abandon();
            close(connection);
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
