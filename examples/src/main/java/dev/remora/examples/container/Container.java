package dev.remora.examples.container;

import jakarta.servlet.ServletContainerInitializer;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;

/**
 * An embedded servlet container that serves one application at its root.
 *
 * <p>All of them are set up alike for chat traffic: connections are kept on few threads by non-blocking I/O, nothing is
 * compressed or held back, bodies may have any length, and what ends a silent stream is the application. With TLS they
 * speak HTTP/2, too. Thread-safe.
 */
public interface Container extends AutoCloseable {

    /**
     * Starts a Tomcat 10.1; returns when it listens.
     *
     * @throws IllegalStateException if it cannot listen on the address, for example because the port is in use
     */
    static Container tomcat(ContainerSettings settings, ServletContainerInitializer application) {
        var open = new OpenRequests();
        return started("Tomcat", settings, () -> new TomcatContainer(settings, open, open.before(application)));
    }

    /** Starts a Jetty 12.1, as {@link #tomcat}. */
    static Container jetty(ContainerSettings settings, ServletContainerInitializer application) {
        var open = new OpenRequests();
        return started("Jetty", settings, () -> new JettyContainer(settings, open, open.before(application)));
    }

    /** Starts an Undertow 2.3, as {@link #tomcat}. */
    static Container undertow(ContainerSettings settings, ServletContainerInitializer application) {
        return started("Undertow", settings, () -> new UndertowContainer(settings, application));
    }

    /** The port that it listens on. */
    int port();

    /** Accepts no connection any more; those that are open are served as before. */
    void stopListening();

    /** Completes when no request is being answered, down to its last byte. What still comes may be refused with 503. */
    CompletionStage<Void> whenIdle();

    /** Breaks off what is still open, and ends the threads; returns when all is over. Done once. */
    @Override
    void close();

    private static Container started(String name, ContainerSettings settings, Callable<Container> start) {
        try {
            return start.call();
        } catch (Exception e) {
            Throwable reason = e;
            while (reason.getCause() != null) {
                reason = reason.getCause();
            }
            throw new IllegalStateException(
                    name + " cannot listen on " + settings.host() + ":" + settings.port() + ": " + reason.getMessage(),
                    e);
        }
    }
}
