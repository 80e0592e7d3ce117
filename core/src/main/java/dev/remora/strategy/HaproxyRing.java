package dev.remora.strategy;

import dev.remora.pool.Backend;
import dev.remora.pool.Snapshot;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * HAProxy's tree of consistent hashing: 16 points for each unit of weight, made from a server's id, of which the one
 * closest to a hash on either side takes it. Members that cannot serve count as taken out of it.
 */
final class HaproxyRing {

    private static final int POINTS_PER_WEIGHT = 16;
    private static final int MAX_WEIGHT = 256;
    // An id has room for as many points as the greatest weight gives; there are 2^32 points.
    private static final int POINTS_PER_ID = MAX_WEIGHT * POINTS_PER_WEIGHT;
    private static final int DISTINCT_IDS = 1 << 20;

    // How far to walk over points of unfit members before all members are looked at instead.
    private static final int WALK = 256;
    private static final int NOWHERE = -1;

    private final HashRing ring;
    private final HashRing[] own;

    HaproxyRing(Snapshot snapshot, ToIntFunction<Backend> serverIds) {
        double[] weights = Weights.of(snapshot);
        Set<Integer> seen = new HashSet<>();
        long[][] points = new long[weights.length][];
        this.own = new HashRing[weights.length];
        for (int i = 0; i < weights.length; i++) {
            Backend backend = snapshot.node(i).backend();
            int id = requireId(serverIds.applyAsInt(backend), seen);
            points[i] = points(i, id, requireWeight(weights[i], backend));
        }
        this.ring = HashRing.of(joined(points));
        for (int i = 0; i < weights.length; i++) {
            own[i] = HashRing.of(points[i]);
        }
    }

    /** The ids that HAProxy gives to servers whose configuration names none. */
    static ToIntFunction<Backend> positions(Snapshot snapshot) {
        return backend -> snapshot.indexOf(backend.id()) + 1;
    }

    /** The eligible member closest to a hash; of two as close, the one before it. */
    int closest(int hash, PickContext context) {
        if (ring.size() == 0) {
            return Picker.NONE;
        }
        int place = ring.placeOf(hash);
        int after = eligibleFrom(place, 1, context);
        int before = after == NOWHERE ? NOWHERE : eligibleFrom(previous(place, ring.size()), -1, context);
        if (before == NOWHERE) {
            return closestOfAll(hash, context);
        }
        int distanceBefore = hash - ring.hash(before);
        int distanceAfter = ring.hash(after) - hash;
        return ring.owner(Integer.compareUnsigned(distanceBefore, distanceAfter) <= 0 ? before : after);
    }

    private int eligibleFrom(int first, int step, PickContext context) {
        int size = ring.size();
        int place = first;
        for (int walked = 0; walked < Math.min(WALK, size); walked++) {
            if (context.eligible(ring.owner(place))) {
                return place;
            }
            place = step > 0 ? next(place, size) : previous(place, size);
        }
        return NOWHERE;
    }

    private int closestOfAll(int hash, PickContext context) {
        int before = Picker.NONE;
        int after = Picker.NONE;
        int distanceBefore = 0;
        int distanceAfter = 0;
        for (int i = 0; i < own.length; i++) {
            if (!context.eligible(i)) {
                continue;
            }
            int place = own[i].placeOf(hash);
            int ownAfter = own[i].hash(place) - hash;
            int ownBefore = hash - own[i].hash(previous(place, own[i].size()));
            if (before == Picker.NONE || Integer.compareUnsigned(ownBefore, distanceBefore) < 0) {
                before = i;
                distanceBefore = ownBefore;
            }
            if (after == Picker.NONE || Integer.compareUnsigned(ownAfter, distanceAfter) < 0) {
                after = i;
                distanceAfter = ownAfter;
            }
        }
        return Integer.compareUnsigned(distanceBefore, distanceAfter) <= 0 ? before : after;
    }

    private static int next(int place, int size) {
        return place + 1 == size ? 0 : place + 1;
    }

    private static int previous(int place, int size) {
        return place == 0 ? size - 1 : place - 1;
    }

    private static long[] points(int owner, int id, double weight) {
        // A warming server has as many of its points as its weight of the moment gives: the same ones each time.
        long[] points = new long[(int) Math.ceil(weight * POINTS_PER_WEIGHT)];
        for (int i = 0; i < points.length; i++) {
            points[i] = HashRing.point(avalanche(id * POINTS_PER_ID + i), owner);
        }
        return points;
    }

    /** Robert Jenkins' integer hash as HAProxy has it: every bit of the result depends on every bit of the input. */
    static int avalanche(int bits) {
        int a = bits;
        a = (a + 0x7ed55d16) + (a << 12);
        a = (a ^ 0xc761c23c) ^ (a >>> 19);
        a = (a + 0x165667b1) + (a << 5);
        a = (a + 0xd3a2646c) ^ (a << 9);
        a = (a + 0xfd7046c5) + (a << 3);
        a = (a ^ 0xb55a4f09) ^ (a >>> 16);
        return a * 0xc0000001;
    }

    private static int requireId(int id, Set<Integer> seen) {
        if (id < 1 || !seen.add(id % DISTINCT_IDS)) {
            throw new IllegalArgumentException(
                    "server id: " + id + " (expected: >= 1, each one once, also modulo " + DISTINCT_IDS + ")");
        }
        return id;
    }

    private static double requireWeight(double weight, Backend backend) {
        if (weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight of " + backend.id() + ": " + weight + " (expected: at most "
                    + MAX_WEIGHT + ", as in HAProxy)");
        }
        return weight;
    }

    private static long[] joined(long[][] parts) {
        int total = 0;
        for (long[] part : parts) {
            total += part.length;
            if (total > HashRing.MAX_POINTS) {
                throw new IllegalArgumentException("total weight: more than " + HashRing.MAX_POINTS / POINTS_PER_WEIGHT
                        + " (expected: at most that, since each unit is " + POINTS_PER_WEIGHT + " points)");
            }
        }
        long[] all = new long[total];
        int filled = 0;
        for (long[] part : parts) {
            System.arraycopy(part, 0, all, filled, part.length);
            filled += part.length;
        }
        return all;
    }
}
