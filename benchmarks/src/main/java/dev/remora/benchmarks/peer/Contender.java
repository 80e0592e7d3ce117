package dev.remora.benchmarks.peer;

import dev.remora.strategy.Strategy;
import io.vertx.core.net.endpoint.LoadBalancer;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** All that are compared: every picker of Remora, the peers, and the floor under them. */
public enum Contender {
    /** The floor: an empty picker. */
    FLOOR("floor: an empty picker", Kind.FLOOR, members -> new Floor()),

    /** {@link Strategy#consistentHash()}. */
    REMORA_CONSISTENT_HASH("Remora consistentHash", Kind.KEYED, remora(Strategy::consistentHash)),
    /** {@link Strategy#consistentHash()}, bounded to 1.25 times the mean. */
    REMORA_BOUNDED_LOAD(
            "Remora consistentHash, bounded 1.25",
            Kind.KEYED_BY_LOAD,
            remora(() -> Strategy.consistentHash().boundedLoad(1.25))),
    /** {@link Strategy#maglev()}. */
    REMORA_MAGLEV("Remora maglev", Kind.KEYED, remora(Strategy::maglev)),
    /** {@link Strategy#rendezvousHash()}. */
    REMORA_RENDEZVOUS_HASH("Remora rendezvousHash", Kind.KEYED, remora(Strategy::rendezvousHash)),
    /** {@link Strategy#nginxIpHash()}. */
    REMORA_NGINX_IP_HASH("Remora nginxIpHash", Kind.ADDRESS_KEYED, remora(Strategy::nginxIpHash)),
    /** {@link Strategy#nginxHash()}. */
    REMORA_NGINX_HASH("Remora nginxHash", Kind.TEXT_KEYED, remora(Strategy::nginxHash)),
    /** {@link Strategy#nginxConsistentHash()}. */
    REMORA_NGINX_CONSISTENT_HASH("Remora nginxConsistentHash", Kind.TEXT_KEYED, remora(Strategy::nginxConsistentHash)),
    /** {@link Strategy#haproxyConsistentHash(java.util.function.ToIntFunction)}, each server with an id of its own. */
    REMORA_HAPROXY_CONSISTENT_HASH(
            "Remora haproxyConsistentHash",
            Kind.TEXT_KEYED,
            remora(() -> Strategy.haproxyConsistentHash(Member::serverId))),
    /** {@link Strategy#haproxySourceHash(java.util.function.ToIntFunction)}, each server with an id of its own. */
    REMORA_HAPROXY_SOURCE_HASH(
            "Remora haproxySourceHash", Kind.ADDRESS_KEYED, remora(() -> Strategy.haproxySourceHash(Member::serverId))),
    /** gRPC, {@code ring_hash_experimental}. */
    GRPC_RING_HASH("gRPC ring_hash", Kind.KEYED, GrpcBalancer::ringHash),
    /** hash4j, stateless. */
    HASH4J_JUMP_BACK("hash4j JumpBackHash", Kind.KEYED, Buckets::hash4jJumpBack),
    /** hash4j, for any removal. */
    HASH4J_ANCHOR("hash4j JumpBackAnchorHash", Kind.KEYED, Hash4jAnchor::new),
    /** Guava. */
    GUAVA_JUMP("Guava consistentHash", Kind.KEYED, Buckets::guavaJump),
    /** Armeria. */
    ARMERIA_STICKY("Armeria sticky", Kind.KEYED, ArmeriaSticky::of),
    /** Vert.x as it comes: 4 points for each member. */
    VERTX_HASH("Vert.x CONSISTENT_HASHING", Kind.TEXT_KEYED, vertx(() -> LoadBalancer.CONSISTENT_HASHING)),
    /** Vert.x with 100 points for each member, as many as D2. */
    VERTX_HASH_100(
            "Vert.x consistentHashing(100)",
            Kind.TEXT_KEYED,
            vertx(() -> LoadBalancer.consistentHashing(100, LoadBalancer.RANDOM))),
    /** D2, 100 points for each member. */
    D2_RING("D2 ring, 100 points", Kind.KEYED, D2Ring::points),
    /** D2, 21 probes. */
    D2_MULTI_PROBE("D2 multi-probe", Kind.KEYED, D2Ring::multiProbe),
    /** D2, bounded to 1.25 times the mean. */
    D2_BOUNDED_LOAD("D2 bounded load 1.25", Kind.KEYED_BY_LOAD, D2BoundedLoad::of),
    /** Dubbo. */
    DUBBO_CONSISTENT_HASH("Dubbo consistenthash", Kind.TEXT_KEYED, DubboBalancer::consistentHash),

    /** {@link Strategy#roundRobin()}. */
    REMORA_ROUND_ROBIN("Remora roundRobin", Kind.PLAIN, remora(Strategy::roundRobin)),
    /** {@link Strategy#powerOfTwoChoices()}. */
    REMORA_TWO_CHOICES("Remora powerOfTwoChoices", Kind.BY_LOAD, remora(Strategy::powerOfTwoChoices)),
    /** {@link Strategy#powerOfTwoChoices()}, with weights of 1 to 4. */
    REMORA_WEIGHTED_TWO_CHOICES(
            "Remora powerOfTwoChoices, weights 1 to 4", Kind.BY_LOAD, weighted(Strategy::powerOfTwoChoices)),
    /** {@link Strategy#powerOfChoices(int)}. */
    REMORA_FOUR_CHOICES("Remora powerOfChoices(4)", Kind.BY_LOAD, remora(() -> Strategy.powerOfChoices(4))),
    /** {@link Strategy#leastConnections()}. */
    REMORA_LEAST_CONNECTIONS("Remora leastConnections", Kind.BY_LOAD, remora(Strategy::leastConnections)),
    /** {@link Strategy#leastResponseTime()}. */
    REMORA_LEAST_RESPONSE_TIME("Remora leastResponseTime", Kind.BY_LOAD, remora(Strategy::leastResponseTime)),
    /** {@link Strategy#random()}. */
    REMORA_RANDOM("Remora random", Kind.PLAIN, remora(Strategy::random)),
    /** {@link Strategy#zoneAware(String, Strategy)}, while all members are near. */
    REMORA_ZONE_AWARE(
            "Remora zoneAware over two choices",
            Kind.BY_LOAD,
            remora(() -> Strategy.zoneAware(Member.ZONE, Strategy.powerOfTwoChoices()))),
    /** {@link Strategy#subset}, of a pool that is no larger than the part. */
    REMORA_SUBSET(
            "Remora subset over two choices",
            Kind.BY_LOAD,
            remora(() -> Strategy.subset("gateway", 1_000, Strategy.powerOfTwoChoices()))),
    /** gRPC, {@code round_robin}. */
    GRPC_ROUND_ROBIN("gRPC round_robin", Kind.PLAIN, GrpcBalancer::roundRobin),
    /** gRPC, without reports of load: then all weights are equal. */
    GRPC_WEIGHTED_ROUND_ROBIN("gRPC weighted_round_robin", Kind.PLAIN, GrpcBalancer::weightedRoundRobin),
    /** gRPC, {@code least_request_experimental}. */
    GRPC_LEAST_REQUEST("gRPC least_request", Kind.BY_LOAD, GrpcBalancer::leastRequest),
    /** Armeria. */
    ARMERIA_ROUND_ROBIN("Armeria round robin", Kind.PLAIN, ArmeriaBalancer::roundRobin),
    /** Armeria. */
    ARMERIA_WEIGHTED_ROUND_ROBIN("Armeria weighted round robin", Kind.PLAIN, ArmeriaBalancer::weightedRoundRobin),
    /** Armeria. */
    ARMERIA_WEIGHTED_RANDOM("Armeria weighted random", Kind.PLAIN, ArmeriaBalancer::weightedRandom),
    /** Vert.x. */
    VERTX_ROUND_ROBIN("Vert.x ROUND_ROBIN", Kind.PLAIN, vertx(() -> LoadBalancer.ROUND_ROBIN)),
    /** Vert.x. */
    VERTX_RANDOM("Vert.x RANDOM", Kind.PLAIN, vertx(() -> LoadBalancer.RANDOM)),
    /** Vert.x. */
    VERTX_TWO_CHOICES("Vert.x POWER_OF_TWO_CHOICES", Kind.BY_LOAD, vertx(() -> LoadBalancer.POWER_OF_TWO_CHOICES)),
    /** Vert.x. */
    VERTX_LEAST_REQUESTS("Vert.x LEAST_REQUESTS", Kind.BY_LOAD, vertx(() -> LoadBalancer.LEAST_REQUESTS)),
    /** Dubbo. */
    DUBBO_RANDOM("Dubbo random", Kind.PLAIN, DubboBalancer::random),
    /** Dubbo. */
    DUBBO_ROUND_ROBIN("Dubbo roundrobin", Kind.PLAIN, DubboBalancer::roundRobin),
    /** Dubbo. */
    DUBBO_LEAST_ACTIVE("Dubbo leastactive", Kind.BY_LOAD, DubboBalancer::leastActive),
    /** Dubbo. */
    DUBBO_SHORTEST_RESPONSE("Dubbo shortestresponse", Kind.BY_LOAD, DubboBalancer::shortestResponse),
    /** Dubbo. */
    DUBBO_ADAPTIVE("Dubbo adaptive", Kind.PLAIN, DubboBalancer::adaptive),
    /** Spring Cloud LoadBalancer. */
    SPRING_ROUND_ROBIN("Spring Cloud round robin", Kind.PLAIN, SpringBalancer::roundRobin),
    /** Spring Cloud LoadBalancer. */
    SPRING_RANDOM("Spring Cloud random", Kind.PLAIN, SpringBalancer::random),
    /** Ribbon. */
    RIBBON_ROUND_ROBIN("Ribbon RoundRobinRule", Kind.PLAIN, RibbonBalancer::roundRobin),
    /** Ribbon. */
    RIBBON_RANDOM("Ribbon RandomRule", Kind.PLAIN, RibbonBalancer::random),
    /** Ribbon. */
    RIBBON_AVAILABILITY_FILTERING(
            "Ribbon AvailabilityFilteringRule", Kind.PLAIN, RibbonBalancer::availabilityFiltering),
    /** Ribbon. */
    RIBBON_BEST_AVAILABLE("Ribbon BestAvailableRule", Kind.BY_LOAD, RibbonBalancer::bestAvailable);

    private final String label;
    private final Kind kind;

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    private final Function<List<Member>, Balancer> opener;

    Contender(String label, Kind kind, Function<List<Member>, Balancer> opener) {
        this.label = label;
        this.kind = kind;
        this.opener = opener;
    }

    /** Its name in tables. */
    public String label() {
        return label;
    }

    /** What it chooses by. */
    public Kind kind() {
        return kind;
    }

    /** What a member should get, in relation to the others. */
    public int weight(Member member) {
        return this == REMORA_WEIGHTED_TWO_CHOICES ? member.unequalWeight() : 1;
    }

    /** Whether it is one of Remora's. */
    public boolean ours() {
        return name().startsWith("REMORA_");
    }

    /** A pool under it. */
    public Balancer open(List<Member> members) {
        return opener.apply(members);
    }

    /**
     * A pool under the whole of its library, where that does more than the strategy alone: for seeing what becomes of open
     * streams.
     */
    public Balancer openWhole(List<Member> members) {
        Balancer alone = open(members);
        if (alone instanceof RemoraBalancer remora) {
            return new EngineBalancer(remora.strategy(), members);
        }
        return alone instanceof VertxBalancer vertx ? new VertxResolved(vertx.strategy(), members) : alone;
    }

    // A fork loads the classes of the one library that it measures.
    private static Function<List<Member>, Balancer> remora(Supplier<Strategy> strategy) {
        return members -> new RemoraBalancer(strategy.get(), member -> 1, members);
    }

    private static Function<List<Member>, Balancer> weighted(Supplier<Strategy> strategy) {
        return members -> new RemoraBalancer(strategy.get(), Member::unequalWeight, members);
    }

    private static Function<List<Member>, Balancer> vertx(Supplier<LoadBalancer> strategy) {
        return members -> VertxBalancer.of(strategy.get(), members);
    }

    /** What a contender chooses by. */
    public enum Kind {
        /** Nothing. */
        FLOOR,
        /** Chance, or whose turn it is. */
        PLAIN,
        /** How busy the members are. */
        BY_LOAD,
        /** A key. */
        KEYED,
        /** A key, and how busy the members are. */
        KEYED_BY_LOAD,
        /** A key that must be a text. */
        TEXT_KEYED,
        /** The client's address. */
        ADDRESS_KEYED;

        /** Whether it takes a key in any form. */
        public boolean keyed() {
            return takesHash() || takesText();
        }

        /** Whether it takes a key that is ready: a hash, or the client's address. */
        public boolean takesHash() {
            return this == KEYED || this == KEYED_BY_LOAD || this == ADDRESS_KEYED;
        }

        /** Whether it takes a key that is a text. */
        public boolean takesText() {
            return this == KEYED || this == KEYED_BY_LOAD || this == TEXT_KEYED;
        }

        /** Whether it can be told of open streams. */
        public boolean countsStreams() {
            return this == BY_LOAD || this == KEYED_BY_LOAD;
        }
    }
}
