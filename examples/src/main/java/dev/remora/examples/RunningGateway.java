package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.netty.GatewayServer;
import java.net.URI;

/**
 * A gateway that serves.
 *
 * @param uri where a client on this machine reaches it
 */
record RunningGateway(URI uri, LoadBalancer balancer, GatewayServer server) {

    /** Listens. */
    static RunningGateway start(GatewayServer.Builder builder, LoadBalancer balancer, String host, boolean secure)
            throws CommandFailed {
        try {
            GatewayServer server = builder.start();
            return new RunningGateway(uri(host, server.port(), secure), balancer, server);
        } catch (IllegalStateException e) {
            throw new CommandFailed(e.getMessage() + " (--port chooses another port, --port 0 any free one)", e);
        }
    }

    private static URI uri(String host, int port, boolean secure) {
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String name = any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
        return URI.create((secure ? "https://" : "http://") + name + ":" + port);
    }
}
