import org.jspecify.annotations.NullMarked;

/** A reverse proxy for any Netty HTTP/1.1 pipeline. Start with the package {@code dev.remora.netty}. */
@NullMarked
module dev.remora.netty {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.remora;
    requires transitive io.netty.buffer;
    requires io.netty.codec;
    requires transitive io.netty.codec.http;
    requires transitive io.netty.common;
    requires transitive io.netty.handler;
    requires io.netty.resolver;
    requires transitive io.netty.transport;
    requires org.slf4j;

    // Only where native epoll is on the path.
    requires static io.netty.transport.classes.epoll;
    requires static io.netty.transport.unix.common;

    exports dev.remora.netty;
}
