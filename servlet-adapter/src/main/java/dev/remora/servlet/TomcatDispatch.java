package dev.remora.servlet;

import jakarta.servlet.ServletOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * Lets Tomcat call {@code onWritePossible} of an upgraded connection though nothing waits to be written.
 *
 * <p>Tomcat reads, and looks whether a connection was closed, only while one of its own threads deals with that connection,
 * and forgets its locks when others call. The Servlet API has no way to ask for such a thread. Tomcat has one, which it hides in
 * a field: it is what its streams themselves call when a write must wait.
 */
final class TomcatDispatch {

    private static final String TOMCAT = "org.apache.coyote.";

    private final Object socket;
    private final Method registerWriteInterest;

    private TomcatDispatch(Object socket, Method registerWriteInterest) {
        this.socket = socket;
        this.registerWriteInterest = registerWriteInterest;
    }

    /** Whether an upgraded connection is one of Tomcat's. */
    static boolean isNeeded(ServletOutputStream upgraded) {
        return upgraded.getClass().getName().startsWith(TOMCAT);
    }

    /**
     * That of an upgraded connection of Tomcat's.
     *
     * @throws IllegalStateException if it is not where it is in Tomcat 10.1 and 11, or not to be reached from this module
     */
    static TomcatDispatch of(ServletOutputStream upgraded) {
        try {
            Field field = upgraded.getClass().getDeclaredField("socketWrapper");
            field.setAccessible(true);
            Object socket = field.get(upgraded);
            return new TomcatDispatch(socket, socket.getClass().getMethod("registerWriteInterest"));
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException(
                    "Tomcat: keeps its sockets from this module (expected: Tomcat 10.1 or 11; as a module with"
                            + " --add-opens org.apache.tomcat.embed.core/org.apache.coyote.http11.upgrade=dev.remora.servlet)",
                    e);
        }
    }

    /** Asks for one call, on a thread of Tomcat's. */
    void request() {
        try {
            registerWriteInterest.invoke(socket);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Tomcat: dispatches nothing", e);
        }
    }
}
