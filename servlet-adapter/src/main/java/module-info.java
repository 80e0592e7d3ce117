import org.jspecify.annotations.NullMarked;

/** Load balancing in a servlet container. Start with the package {@code dev.remora.servlet}. */
@NullMarked
module dev.remora.servlet {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.remora;
    requires transitive jakarta.servlet;
    requires java.net.http;
    requires org.slf4j;

    // Only where Jetty serves.
    requires static org.eclipse.jetty.ee10.servlet;
    requires static org.eclipse.jetty.io;
    requires static org.eclipse.jetty.server;
    requires static org.eclipse.jetty.util;

    exports dev.remora.servlet;
}
