package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.examples.demo.DemoSite;
import java.net.URI;
import java.util.Optional;

/**
 * A gateway that serves.
 *
 * @param uri where a client on this machine reaches it
 */
record RunningGateway(URI uri, LoadBalancer balancer, FrontServer server) {

    /** Listens. */
    static RunningGateway start(
            FrontServer.Kind kind, FrontSettings settings, LoadBalancer balancer, Optional<DemoSite> site)
            throws CommandFailed {
        try {
            FrontServer server = kind.start(settings, balancer, site);
            return new RunningGateway(uri(settings, server.port()), balancer, server);
        } catch (IllegalStateException e) {
            throw new CommandFailed(e.getMessage() + " (--port chooses another port, --port 0 any free one)", e);
        }
    }

    private static URI uri(FrontSettings settings, int port) {
        String host = settings.host();
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String name = any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
        return URI.create((settings.tls().isPresent() ? "https://" : "http://") + name + ":" + port);
    }
}
