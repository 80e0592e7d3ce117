package dev.remora.benchmarks.peer;

import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.endpoint.DefaultInteractionMetric;
import io.vertx.core.net.endpoint.DefaultInteractionMetrics;
import io.vertx.core.net.endpoint.LoadBalancer;
import io.vertx.core.net.endpoint.ServerEndpoint;
import io.vertx.core.net.endpoint.ServerInteraction;
import io.vertx.core.net.endpoint.ServerSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's strategies over a list of servers. As its resolver does, a change of the membership makes new servers, with
 * new metrics, and a new selector.
 */
record VertxBalancer(LoadBalancer strategy, List<Server> servers, ServerSelector selector) implements Balancer {

    static Balancer of(LoadBalancer strategy, List<Member> members) {
        List<Server> servers = members.stream().map(Server::new).toList();
        return new VertxBalancer(strategy, servers, strategy.selector(servers));
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Selecting(selector, servers, keys);
    }

    @Override
    public Balancer change(List<Member> members) {
        return of(strategy, members);
    }

    private record Selecting(ServerSelector selector, List<Server> servers, Keys keys) implements Chooser {

        @Override
        public int withoutKey() {
            return servers.get(selector.select()).id;
        }

        @Override
        public int byText(int key) {
            return servers.get(selector.select(keys.text(key))).id;
        }

        @Override
        public OpenStream open(int key) {
            Server server = servers.get(selector.select());
            DefaultInteractionMetric request = server.metrics.initiateRequest();
            server.metrics.reportRequestBegin(request);
            return OpenStream.of(server.id, () -> server.metrics.reportResponseEnd(request));
        }
    }

    /** A server without a network. */
    static final class Server implements ServerEndpoint {
        private final int id;
        private final String key;
        private final SocketAddress address;
        private final DefaultInteractionMetrics metrics = new DefaultInteractionMetrics();

        Server(Member member) {
            this.id = member.id();
            this.key = member.host() + ":" + member.port();
            this.address = SocketAddress.inetSocketAddress(member.port(), member.host());
        }

        @Override
        public String key() {
            return key;
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public @Nullable String protocolId() {
            return null;
        }

        @Override
        public ServerInteraction newInteraction() {
            throw new UnsupportedOperationException("nothing is sent");
        }

        @Override
        public DefaultInteractionMetrics metrics() {
            return metrics;
        }

        @Override
        public Object unwrap() {
            return this;
        }
    }
}
