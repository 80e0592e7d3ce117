package dev.remora.strategy;

import java.util.Arrays;

/** Points on the circle of all unsigned 32-bit numbers, each with an owner: what consistent hashing looks keys up in. */
final class HashRing {

    /** The most points a ring may have: 32 megabytes of them. */
    static final int MAX_POINTS = 1 << 22;

    // Both in order of the hash. Hashes have their top bit flipped, so that the signed order is the unsigned one.
    private final int[] hashes;
    private final int[] owners;

    private HashRing(long[] sorted, int size) {
        this.hashes = new int[size];
        this.owners = new int[size];
        for (int i = 0; i < size; i++) {
            hashes[i] = (int) (sorted[i] >> 32);
            owners[i] = (int) sorted[i];
        }
    }

    /** A point for {@link #of}. */
    static long point(int hash, int owner) {
        return (long) flipped(hash) << 32 | owner;
    }

    /** A ring of points, in any order, which are sorted in place; of points with equal hashes, the lowest owner's is kept. */
    static HashRing of(long[] points) {
        Arrays.sort(points);
        int size = 0;
        for (long point : points) {
            if (size == 0 || point >> 32 != points[size - 1] >> 32) {
                points[size++] = point;
            }
        }
        return new HashRing(points, size);
    }

    int size() {
        return hashes.length;
    }

    /** The place of the first point at or after a hash, going around the end; the ring is not empty. */
    int placeOf(int hash) {
        int found = Arrays.binarySearch(hashes, flipped(hash));
        int place = found < 0 ? -found - 1 : found;
        return place == hashes.length ? 0 : place;
    }

    /** The hash of the point at a place, 0 to {@code size() - 1}. */
    int hash(int place) {
        return flipped(hashes[place]);
    }

    /** The owner of the point at a place, 0 to {@code size() - 1}. */
    int owner(int place) {
        return owners[place];
    }

    private static int flipped(int hash) {
        return hash ^ Integer.MIN_VALUE;
    }
}
