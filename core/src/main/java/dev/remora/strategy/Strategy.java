package dev.remora.strategy;

import dev.remora.pool.Backend;
import dev.remora.pool.Snapshot;
import java.util.function.ToIntFunction;

/**
 * A way to choose among back ends. It makes a {@link Picker} for each membership of the pool, off the request threads.
 *
 * <p>An own strategy is one small class: {@code snapshot -> context -> index}. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Strategy {

    /**
     * Makes the picker for one membership.
     *
     * @throws IllegalArgumentException if the members break a rule of the strategy, as
     *     {@code name: value (expected: rule)}
     */
    Picker picker(Snapshot snapshot);

    /**
     * Makes the picker for a membership that follows another one; the balancer calls it whenever members or weights have
     * changed. It picks as {@link #picker} does, and may be made faster from the picker before, or go on where that one
     * stopped.
     *
     * @param before a picker that this strategy made; it is still in use and is not changed
     */
    default Picker updated(Picker before, Snapshot snapshot) {
        return picker(snapshot);
    }

    /**
     * Finds the new back end of a client whose own cannot serve. It goes by a key, so that parallel requests of the client
     * agree, on every gateway: rendezvous hashing, unless the strategy prefers some back ends to others for these too.
     */
    default Strategy rebinding() {
        return rendezvousHash();
    }

    /**
     * Back ends in turn, in proportion to their weights, whatever their load: the static stride scheduler that gRPC
     * uses for its weighted round robin. A change of the members does not begin the turns anew. A back end lighter than
     * a 65,535th of the heaviest one counts as that.
     */
    static Strategy roundRobin() {
        return new WeightedRoundRobin.InTurn();
    }

    /**
     * Of two distinct back ends drawn at random in proportion to their weights, the one with less load per weight: the
     * power of two choices (Mitzenmacher, 2001) over the cost of open streams. The default for requests without a key.
     */
    static Strategy powerOfTwoChoices() {
        return powerOfChoices(2);
    }

    /**
     * As {@link #powerOfTwoChoices()} with more draws, all of them distinct: each further one costs as much as the
     * first two, or more, and evens the load out a little more.
     *
     * @param choices 2 to 4
     * @throws IllegalArgumentException if there are fewer or more choices
     */
    static Strategy powerOfChoices(int choices) {
        if (choices < 2 || choices > PowerOfChoices.MOST_CHOICES) {
            throw new IllegalArgumentException("choices: " + choices + " (expected: 2 to 4)");
        }
        return snapshot -> new PowerOfChoices(snapshot, choices);
    }

    /** Back ends at random, in proportion to their weights, whatever their load. */
    static Strategy random() {
        return WeightedRandom::new;
    }

    /**
     * The back end with the least load per weight; those that are equal share by weight at random. Exact for up to 64
     * back ends, which each pick looks at one by one. Above that, the best of four distinct ones drawn at random, as
     * {@link #powerOfChoices powerOfChoices(4)}: many gateways that all send to the one least loaded back end would
     * flood it.
     */
    static Strategy leastConnections() {
        return LeastConnections::of;
    }

    /**
     * Of two distinct back ends drawn at random in proportion to their weights, the one that is expected to answer
     * sooner: by its time to the first byte lately, its load per weight, and its recent errors, which make a back end
     * that fails fast a slow one. A back end that has not answered yet is compared by load and errors alone. How long
     * streams last does not matter.
     */
    static Strategy leastResponseTime() {
        return LeastResponseTime::new;
    }

    /**
     * Weighted rendezvous hashing (Thaler and Ravishankar, 1998) of the request's affinity key: every gateway that
     * knows the same members makes the same choice, and a member that leaves moves its own keys only. Requests without
     * a key are balanced by {@link #powerOfTwoChoices()}.
     */
    static Strategy rendezvousHash() {
        return rendezvousHash(powerOfTwoChoices());
    }

    /**
     * As {@link #rendezvousHash()}, with the strategy that serves requests without a key.
     *
     * @param withoutKey serves the requests for which the affinity rule yields no key
     */
    static Strategy rendezvousHash(Strategy withoutKey) {
        return new RendezvousHash(withoutKey);
    }

    /**
     * Consistent hashing of the request's affinity key: the choice of {@link #rendezvousHash()} made beforehand for a
     * table of slots, so that a pick is one look into the table. The methods of the result change its settings.
     */
    static ConsistentHash consistentHash() {
        return ConsistentHash.DEFAULT;
    }

    /** As {@link #maglev(Strategy)}; requests without a key are balanced by {@link #powerOfTwoChoices()}. */
    static Strategy maglev() {
        return maglev(powerOfTwoChoices());
    }

    /**
     * Maglev hashing (Eisenbud et al., NSDI 2016) of the request's affinity key, with a table of 65,537 slots. Shares follow
     * the weights to within a slot or two, but for members so light that they deserve none and get one, closer than with {@link #consistentHash()}; but when a back end comes or goes, up
     * to 1.5 % of all keys move between others without need, and the whole table is made anew. It depends on the back ends'
     * ids and weights alone, so all gateways agree. A pool of more than 65,537 back ends is refused.
     *
     * @param withoutKey serves the requests for which the affinity rule yields no key
     */
    static Strategy maglev(Strategy withoutKey) {
        return new Maglev(withoutKey);
    }

    /**
     * nginx's {@code ip_hash}, to the server, for those who migrate: the first three bytes of the client's IPv4 address, or
     * all of its IPv6 address, name a place on the line of all members by weight. Use it for a migration only: when the
     * members or their weights change, nearly every client moves.
     *
     * <p>A place of an unfit member leads to the next place of the client's own chain. After 21 places, or with less than
     * two members, {@link #roundRobin()} decides. Members and weights are those configured: what is unfit, draining or
     * warming up keeps its full place. Two differences from nginx: an IPv4 address that arrived mapped into IPv6 is IPv4
     * in Java, and another try within a request begins the chain anew with the tried members as unfit, so that these
     * count among the 21 places, as they do not in nginx.
     */
    static Strategy nginxIpHash() {
        return new OtherwiseInTurn(NginxIpHash::new);
    }

    /**
     * nginx's {@code hash $key}, to the server, for those who migrate: the CRC-32 of the key's text in UTF-8 names a place
     * on the line of all members by weight. Use it for a migration only: when the members or their weights change, nearly
     * every key moves.
     *
     * <p>Unfit members, weights and other tries within a request are as in {@link #nginxIpHash()}. Requests without a key,
     * or with an empty one, are balanced by {@link #roundRobin()}. A key longer than 8,192 characters is hashed as its
     * digest, which nginx does not do.
     */
    static Strategy nginxHash() {
        return new OtherwiseInTurn(NginxHash::new);
    }

    /**
     * nginx's {@code hash $key consistent}, to the server, for those who migrate: a ketama ring with 160 points for each
     * unit of weight, made from host and port as they were configured, so that a name is not the same as its address. A
     * member that leaves moves its own keys only.
     *
     * <p>A point of an unfit member leads to the next point of the ring; after 21 points, or with less than two members,
     * {@link #roundRobin()} decides. Members with the same host and port text share their points and take turns by weight.
     * While a member warms up it has a part of its points; nginx has no slow start with hashing. Keys are as in {@link
     * #nginxHash()}.
     *
     * <p>Its pickers are refused with an {@link IllegalArgumentException} when all weights together, as configured, are above 26,214, which
     * would be more than four million points.
     */
    static Strategy nginxConsistentHash() {
        return new OtherwiseInTurn(NginxConsistentHash::new);
    }

    /**
     * HAProxy's {@code hash-type consistent} for a header, parameter or expression, to the server, for those who migrate,
     * with servers whose ids HAProxy counted: 1 for the first one, and so on. So a member that leaves the middle of the
     * list renumbers those behind it; ids that are written down are better kept, by
     * {@link #haproxyConsistentHash(ToIntFunction)}.
     */
    static Strategy haproxyConsistentHash() {
        return new OtherwiseInTurn(
                snapshot -> new HaproxyKeyHash(new HaproxyRing(snapshot, HaproxyRing.positions(snapshot))));
    }

    /**
     * HAProxy's {@code hash-type consistent} for a header, parameter or expression, to the server, for those who migrate:
     * the default function sdbm with avalanche, of the key's text in UTF-8, and the default {@code hash-key id}. Each unit
     * of weight is 16 points of a ring, and the closest point on either side takes the key. A member that leaves moves its
     * own keys only, while the others keep their ids.
     *
     * <p>Unfit members count as taken out of the ring, as servers that are down are in HAProxy. So do full ones and, on
     * another try within a request, those tried before; there HAProxy queues, and goes to the next point. A member that
     * warms up has a part of its points, as with HAProxy's {@code slowstart}. Requests without a key, or with an empty one,
     * are balanced by {@link #roundRobin()}. A key longer than 8,192 characters is hashed as its digest, which HAProxy does
     * not do.
     *
     * <p>Its pickers are refused with an {@link IllegalArgumentException} when a weight is above 256, an id is below 1 or
     * equal to another one, modulo 1,048,576 too, or all weights together are above 262,144.
     *
     * @param serverIds yields the {@code id} that a server has in HAProxy
     */
    static Strategy haproxyConsistentHash(ToIntFunction<Backend> serverIds) {
        return new OtherwiseInTurn(snapshot -> new HaproxyKeyHash(new HaproxyRing(snapshot, serverIds)));
    }

    /**
     * HAProxy's {@code balance source} with {@code hash-type consistent}, for those who migrate: as
     * {@link #haproxyConsistentHash()}, by the client's address instead of a key. An IPv4 address that arrived mapped into
     * IPv6 is IPv4 in Java.
     */
    static Strategy haproxySourceHash() {
        return snapshot -> new HaproxySourceHash(new HaproxyRing(snapshot, HaproxyRing.positions(snapshot)));
    }

    /**
     * HAProxy's {@code balance source} with {@code hash-type consistent}, for those who migrate: as
     * {@link #haproxyConsistentHash(ToIntFunction)}, by the client's address instead of a key. An IPv4 address that
     * arrived mapped into IPv6 is IPv4 in Java.
     *
     * @param serverIds yields the {@code id} that a server has in HAProxy
     */
    static Strategy haproxySourceHash(ToIntFunction<Backend> serverIds) {
        return snapshot -> new HaproxySourceHash(new HaproxyRing(snapshot, serverIds));
    }

    /** As {@link #zoneAware(String, double, Strategy)} with 1.4, Envoy's over-provisioning factor. */
    static Strategy zoneAware(String localZone, Strategy within) {
        return zoneAware(localZone, TieredStrategy.OVER_PROVISIONING, within);
    }

    /**
     * The back ends of one zone first, those of all others when too few of them are eligible. The local zone gets the part
     * of the traffic that is its eligible members, divided by all its members, times the over-provisioning factor: with
     * 1.4 it serves everything while 5 of its 7 back ends are eligible, 0.8 of it with 4, nothing with none. The others
     * take the rest, up to what they can take by the same rule. A request with an affinity key goes by its key, so that
     * only as many clients move as must. Nobody is refused while any back end is eligible.
     *
     * <p>The eligible members are counted once in about as many picks as there are members, so the parts follow a change
     * with that delay; who is eligible is always asked anew. A pick allocates 24 bytes where there is more than one group
     * to choose from, and some hundred when it counts.
     *
     * @param localZone the {@link Backend#zone() zone} this gateway is in
     * @param overProvisioning how much more than its usual traffic a back end can take, as a factor; at least 1
     * @param within chooses within the local zone, and within all others together
     * @throws IllegalArgumentException if the zone is empty, or the factor is not a finite number of at least 1
     */
    static Strategy zoneAware(String localZone, double overProvisioning, Strategy within) {
        return TieredStrategy.zones(localZone, overProvisioning, within);
    }

    /**
     * The back ends with the lowest number first, those with the next number when too few of the first are eligible, and
     * so on: each group takes what those before it leave, by the rule of {@link #zoneAware(String, double, Strategy)} with
     * a factor of 1.4, as Envoy's priority levels do.
     *
     * @param priority the number of a back end's group; a pure function, called when pickers are made
     * @param within chooses within each group
     */
    static Strategy priority(ToIntFunction<Backend> priority, Strategy within) {
        return TieredStrategy.priorities(priority, within);
    }

    /**
     * A part of a large pool, so that not every gateway keeps connections to every back end. Each gateway finds its own
     * part by rendezvous hashing of its name with the ids of the back ends: a back end that comes or goes changes it by
     * one back end at most, and over many gateways all back ends are in about equally many parts. Those outside serve only
     * when nobody inside is eligible.
     *
     * @param gateway a name that no other gateway has and that outlives a restart
     * @param size how many back ends to choose among, at least 1; a smaller pool is taken as a whole
     * @param within chooses within the part
     * @throws IllegalArgumentException if the name is empty or the size is below 1
     */
    static Strategy subset(String gateway, int size, Strategy within) {
        return TieredStrategy.subset(gateway, size, within);
    }
}
