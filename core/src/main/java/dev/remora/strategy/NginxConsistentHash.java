package dev.remora.strategy;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * nginx's {@code hash ... consistent}: the ketama ring of memcached clients, 160 points for each unit of weight, chained
 * CRCs of host and port as they were configured. An unusable point hands over to the next point, up to the
 * 21st.
 */
final class NginxConsistentHash implements Picker {

    private static final int POINTS_PER_WEIGHT = 160;
    private static final long MAX_TOTAL_WEIGHT = HashRing.MAX_POINTS / POINTS_PER_WEIGHT;

    private final SharedAddress[] addresses;
    private final HashRing ring;
    private final boolean choice;

    NginxConsistentHash(Snapshot snapshot) {
        requireTotalWeight(snapshot);
        double[] weights = Weights.of(snapshot);
        Map<String, List<Integer>> membersByAddress = new LinkedHashMap<>();
        for (int i = 0; i < snapshot.size(); i++) {
            Backend backend = snapshot.node(i).backend();
            membersByAddress
                    .computeIfAbsent(backend.authority(), any -> new ArrayList<>())
                    .add(i);
        }
        this.addresses = membersByAddress.values().stream()
                .map(members -> new SharedAddress(
                        snapshot, members.stream().mapToInt(i -> i).toArray()))
                .toArray(SharedAddress[]::new);
        this.ring = ring(weights, membersByAddress);
        this.choice = snapshot.size() > 1;
    }

    @Override
    public int pick(PickContext context) {
        String key = context.key();
        if (key.isEmpty() || !choice) {
            return NONE;
        }
        int place = ring.placeOf(ByteHash.CRC32.of(key));
        for (int tries = 0; tries < WeightLine.TRIES; tries++) {
            int index = addresses[ring.owner(place)].pick(context);
            if (index != NONE) {
                return index;
            }
            place = place + 1 == ring.size() ? 0 : place + 1;
        }
        return NONE;
    }

    /** The points, owned by addresses in the order in which these were configured first. */
    HashRing ring() {
        return ring;
    }

    private static HashRing ring(double[] weights, Map<String, List<Integer>> membersByAddress) {
        // Members that share an address share its chain of points: the heaviest one has them all. Who warms up has the
        // first links of its chain, so that its keys only ever come to it.
        int[] chains = membersByAddress.values().stream()
                .mapToInt(members ->
                        members.stream().mapToInt(i -> points(weights[i])).max().orElseThrow())
                .toArray();
        long[] points = new long[IntStream.of(chains).sum()];
        int filled = 0;
        int owner = 0;
        for (String address : membersByAddress.keySet()) {
            int base = addressState(address);
            int hash = 0;
            for (int end = filled + chains[owner]; filled < end; filled++) {
                hash = ByteHash.CRC32.end(ByteHash.CRC32.addLittleEndian(base, hash));
                points[filled] = HashRing.point(hash, owner);
            }
            owner++;
        }
        return HashRing.of(points);
    }

    private static int points(double weight) {
        return (int) Math.max(1, Math.round(weight * POINTS_PER_WEIGHT));
    }

    // Host, a zero byte, port; nothing for the port when none is written.
    private static int addressState(String authority) {
        int colon = authority.lastIndexOf(':');
        boolean port = colon >= 0 && authority.indexOf(']', colon) < 0;
        String host = port ? authority.substring(0, colon) : authority;
        int afterHost = ByteHash.CRC32.add(ByteHash.CRC32.add(ByteHash.CRC32.start(), host), 0);
        return port ? ByteHash.CRC32.add(afterHost, authority.substring(colon + 1)) : afterHost;
    }

    private static void requireTotalWeight(Snapshot snapshot) {
        long total = snapshot.nodes().stream()
                .map(Node::backend)
                .mapToLong(Backend::weight)
                .sum();
        if (total > MAX_TOTAL_WEIGHT) {
            throw new IllegalArgumentException("total weight: " + total + " (expected: at most " + MAX_TOTAL_WEIGHT
                    + ", since each unit is " + POINTS_PER_WEIGHT + " points of nginx's ring)");
        }
    }
}
