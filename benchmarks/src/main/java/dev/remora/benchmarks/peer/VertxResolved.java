package dev.remora.benchmarks.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.net.endpoint.EndpointResolverInternal;
import io.vertx.core.net.Address;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.endpoint.Endpoint;
import io.vertx.core.net.endpoint.LoadBalancer;
import io.vertx.core.net.endpoint.ServerEndpoint;
import io.vertx.core.net.endpoint.ServerInteraction;
import io.vertx.core.spi.endpoint.EndpointBuilder;
import io.vertx.core.spi.endpoint.EndpointResolver;
import java.time.Duration;
import java.util.List;

/**
 * A strategy of Vert.x behind its own resolver, as its HTTP client has it: the resolver is told that its list is out of
 * date, looks the members up again, and makes of them what it makes.
 */
final class VertxResolved implements Balancer {

    private final Vertx vertx = Vertx.vertx();
    private final Listing listing = new Listing();
    private final EndpointResolverInternal resolver;

    VertxResolved(LoadBalancer strategy, List<Member> members) {
        listing.members = members;
        resolver = EndpointResolverInternal.create(
                (VertxInternal) vertx, listing, strategy, Duration.ofHours(1), Duration.ofHours(1));
    }

    @Override
    public Balancer change(List<Member> members) {
        listing.members = members;
        return this;
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Selecting(resolver.resolveEndpoint(listing).await(), keys);
    }

    @Override
    public void close() {
        vertx.close().await();
    }

    private record Selecting(Endpoint endpoint, Keys keys) implements Chooser {

        @Override
        public int withoutKey() {
            return member(endpoint.selectServer());
        }

        @Override
        public int byText(int key) {
            return member(endpoint.selectServer(keys.text(key)));
        }

        @Override
        public OpenStream open(int key) {
            ServerEndpoint server = endpoint.selectServer();
            ServerInteraction request = server.newInteraction();
            request.reportRequestBegin();
            request.reportRequestEnd();
            request.reportResponseBegin();
            return OpenStream.of(member(server), request::reportResponseEnd);
        }

        private static int member(ServerEndpoint server) {
            return Member.idAt(server.address().port());
        }
    }

    /** The list of members, which goes out of date whenever another one is set. */
    private static final class Listing
            implements Address, EndpointResolver<Listing, SocketAddress, List<Member>, Object> {

        private volatile List<Member> members = List.of();
        private volatile Object servers = this;

        @Override
        public Listing tryCast(Address address) {
            return this;
        }

        @Override
        public SocketAddress addressOf(SocketAddress server) {
            return server;
        }

        @Override
        public Future<List<Member>> resolve(Listing address, EndpointBuilder<Object, SocketAddress> builder) {
            List<Member> seen = members;
            EndpointBuilder<Object, SocketAddress> filled = builder;
            for (Member member : seen) {
                filled = filled.addServer(SocketAddress.inetSocketAddress(member.port(), member.host()));
            }
            servers = filled.build();
            return Future.succeededFuture(seen);
        }

        @Override
        public Object endpoint(List<Member> state) {
            return servers;
        }

        @Override
        public boolean isValid(List<Member> state) {
            return state == members;
        }

        @Override
        public void dispose(List<Member> state) {}

        @Override
        public void close() {}
    }
}
