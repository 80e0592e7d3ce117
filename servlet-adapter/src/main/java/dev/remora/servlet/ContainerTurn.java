package dev.remora.servlet;

import jakarta.servlet.ServletOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;

/**
 * Asks a container for a turn with an upgraded connection, on a thread on which nothing else happens to it.
 *
 * <p>Tomcat and Undertow read, and look whether a connection was closed, on threads of theirs without a lock that we could take;
 * whoever reads on another thread reads beside them. The Servlet API has no way to ask for such a thread. Their streams do
 * that themselves when they have to wait, each by a field that it hides: the turn is taken from there. Of all other containers it
 * is expected that they let anybody read who was told that there is something, as the specification has it.
 */
final class ContainerTurn {

    private static final String TOMCAT = "org.apache.coyote.";
    private static final String UNDERTOW = "io.undertow.";

    private final Runnable request;
    private final boolean tomcat;

    private ContainerTurn(Runnable request, boolean tomcat) {
        this.request = request;
        this.tomcat = tomcat;
    }

    /**
     * That of a connection.
     *
     * @param turn run for each request, except in Tomcat, which calls {@code onWritePossible} instead
     * @param others runs it for the other containers
     * @throws IllegalStateException if it is not where it is in Tomcat 10.1 and 11 and Undertow 2.3, or cannot be reached
     *     from this module
     */
    static ContainerTurn of(ServletOutputStream upgraded, Runnable turn, Executor others) {
        String container = upgraded.getClass().getName();
        if (container.startsWith(TOMCAT)) {
            Object socket = hidden(upgraded, "socketWrapper");
            Method dispatch = method(socket, "registerWriteInterest");
            return new ContainerTurn(() -> invoke(dispatch, socket), true);
        }
        Executor executor = container.startsWith(UNDERTOW) ? (Executor) hidden(upgraded, "ioExecutor") : others;
        return new ContainerTurn(() -> executor.execute(turn), false);
    }

    private static Object hidden(ServletOutputStream upgraded, String name) {
        try {
            Field field = upgraded.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(upgraded);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw unreachable(upgraded, e);
        }
    }

    private static Method method(Object socket, String name) {
        try {
            return socket.getClass().getMethod(name);
        } catch (NoSuchMethodException e) {
            throw unreachable(socket, e);
        }
    }

    private static void invoke(Method dispatch, Object socket) {
        try {
            dispatch.invoke(socket);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw unreachable(socket, e);
        }
    }

    private static IllegalStateException unreachable(Object owner, Exception cause) {
        return new IllegalStateException(
                owner.getClass().getName()
                        + ": gives no turn (expected: Tomcat 10.1 or 11, or Undertow 2.3; as a module,"
                        + " with --add-opens <module>/" + owner.getClass().getPackageName() + "=dev.remora.servlet)",
                cause);
    }

    /** Asks for one turn; never takes it before it returns. */
    void request() {
        request.run();
    }

    /** Whether it is Tomcat. */
    boolean isTomcat() {
        return tomcat;
    }
}
