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

    exports dev.remora.servlet;
}
