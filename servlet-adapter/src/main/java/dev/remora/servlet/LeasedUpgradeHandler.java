package dev.remora.servlet;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before the handler of an application that upgrades a connection behind {@link LoadBalancingFilter}, so that the
 * lease ends with the connection. Public, with a public constructor, because the servlet container makes it; of no use to
 * anybody else.
 */
public final class LeasedUpgradeHandler implements HttpUpgradeHandler {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancingFilter.class);

    // Tomcat handles these in ways of its own, and asks for them by class.
    private static final String TOMCATS_OWN = "org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler";

    // No container tells of an upgrade that it could not begin, for example because the client had left.
    private static final int PATIENCE_SECONDS = 60;

    // Written on the request's thread before it leaves the filter; the container reads it behind that.
    private volatile @Nullable Held held;
    private volatile boolean begun;

    /** For the container. */
    public LeasedUpgradeHandler() {}

    /** Whether a handler is a container's own, which only works if it gets its very class. */
    static boolean isContainers(@Nullable Class<?> type) {
        return type != null
                && (type.getName().equals(TOMCATS_OWN)
                        || isContainers(type.getSuperclass())
                        || Arrays.stream(type.getInterfaces()).anyMatch(LeasedUpgradeHandler::isContainers));
    }

    static <T extends HttpUpgradeHandler> T make(Class<T> type) throws ServletException {
        try {
            Constructor<T> constructor = type.getDeclaredConstructor();
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new ServletException(
                    "upgrade handler: " + type.getName() + " (expected: public, with a public no-argument constructor)",
                    e);
        }
    }

    void hold(HttpUpgradeHandler handler, ServletExchange exchange) {
        hold(handler, exchange, new CompletableFuture<Void>().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    /** Holds an application's handler, for as long as {@code beginning} does not fail. */
    void hold(HttpUpgradeHandler handler, ServletExchange exchange, CompletableFuture<Void> beginning) {
        held = new Held(handler, exchange, beginning);
        exchange.upgraded();
        CompletableFuture<Void> unused = beginning.whenComplete((begun, late) -> {
            if (late != null) {
                exchange.clientGone();
            }
        });
    }

    /** The container has left HTTP. */
    @Override
    public void init(WebConnection connection) {
        Held now = held();
        boolean inTime = now.beginning.complete(null);
        if (!inTime || now.exchange.isOver()) {
            close(connection);
            return;
        }
        begun = true;
        try {
            now.handler.init(new LeasedConnection(connection, now.exchange));
        } catch (RuntimeException | Error e) {
            now.exchange.upgradeFailed();
            throw e;
        }
    }

    /** The connection is gone. */
    @Override
    public void destroy() {
        Held now = held();
        try {
            if (begun) {
                now.handler.destroy();
            }
        } finally {
            now.beginning.complete(null);
            now.exchange.finished();
        }
    }

    private Held held() {
        return Objects.requireNonNull(held, "held: null (expected: a handler that LoadBalancingFilter has asked for)");
    }

    private static void close(WebConnection connection) {
        try {
            connection.close();
        } catch (Exception e) {
            log.debug("an upgraded connection cannot be closed: {}", e.toString());
        }
    }

    /** What was upgraded; {@code beginning} completes when the container has handed the connection over. */
    private record Held(HttpUpgradeHandler handler, ServletExchange exchange, CompletableFuture<Void> beginning) {}
}
