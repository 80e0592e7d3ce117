package dev.remora.servlet;

import dev.remora.wire.Certificates;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a container is to serve, and how. Filled before the start. */
final class Site {

    /** A directory for what the container likes to write. */
    final Path base;

    final List<MappedServlet> servlets = new ArrayList<>();
    /** For all paths, in this order. */
    final List<MappedFilter> filters = new ArrayList<>();

    final List<StatusPage> pages = new ArrayList<>();
    /** Empty, or a path that begins with a slash. */
    String contextPath = "";

    int workerThreads = 50;
    /** With TLS the clients choose between HTTP/1.1 and HTTP/2. */
    Optional<Certificates> certificates = Optional.empty();

    Site(Path base) {
        this.base = base;
    }

    record MappedServlet(String path, Servlet servlet, boolean asyncSupported) {}

    record MappedFilter(Filter filter, boolean asyncSupported, Set<DispatcherType> dispatches) {}

    /** The path that an answer of this status is made by. */
    record StatusPage(int status, String path) {}
}
