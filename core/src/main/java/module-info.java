import org.jspecify.annotations.NullMarked;

/**
 * Decides which back end serves a request, and keeps it there for as long as the stream lives. Start with the package
 * {@code dev.remora}.
 */
@NullMarked
module dev.remora {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires static com.fasterxml.jackson.core;
    requires static com.fasterxml.jackson.dataformat.yaml;
    requires static org.dnsjava;
    requires static inet.ipaddr;
    requires static lettuce.core;
    requires static re2j;
    requires com.github.benmanes.caffeine;
    requires java.net.http;
    requires org.slf4j;

    exports dev.remora;
    exports dev.remora.affinity;
    exports dev.remora.dns;
    exports dev.remora.exchange;
    exports dev.remora.file;
    exports dev.remora.guard;
    exports dev.remora.health;
    exports dev.remora.http;
    exports dev.remora.inspect;
    exports dev.remora.pool;
    exports dev.remora.ratelimit;
    exports dev.remora.redis;
    exports dev.remora.relay;
    exports dev.remora.session;
    exports dev.remora.strategy;
}
