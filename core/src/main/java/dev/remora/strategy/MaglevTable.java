package dev.remora.strategy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A table that its members fill in turn, each with the next free slot of its own order of the slots; a member of half the
 * weight of the heaviest takes a turn in every other round. The turns go by id, so that the order of the list does not
 * matter. Immutable.
 */
final class MaglevTable {

    /** A prime. */
    static final int SLOTS = 65_537;

    private static final int FREE = -1;

    private final int[] owners = new int[SLOTS];

    /**
     * Fills a table.
     *
     * @throws IllegalArgumentException if there are more members than slots
     */
    MaglevTable(Contenders contenders) {
        int size = contenders.size();
        if (size > SLOTS) {
            throw new IllegalArgumentException(
                    "backends: " + size + " (expected: at most " + SLOTS + ", the slots of the table)");
        }
        Arrays.fill(owners, FREE);
        int[] turns = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparing(contenders::id))
                .mapToInt(Integer::intValue)
                .toArray();
        fill(contenders, turns);
    }

    private void fill(Contenders contenders, int[] turns) {
        double heaviest =
                IntStream.of(turns).mapToDouble(contenders::weight).max().orElse(1);
        int[] places = new int[turns.length];
        int[] taken = new int[turns.length];
        int free = SLOTS;
        for (long round = 0; free > 0; round++) {
            for (int i : turns) {
                // The first round gives one slot to each member, however light.
                if (free > 0 && taken[i] <= round * (contenders.weight(i) / heaviest)) {
                    int slot;
                    do {
                        slot = slot(contenders.seed(i), places[i]++);
                    } while (owners[slot] != FREE);
                    owners[slot] = i;
                    taken[i]++;
                    free--;
                }
            }
        }
    }

    // The slot at a place of a member's order. Cubing is a permutation modulo this prime. With an offset and a step
    // alone, as in the paper, two members whose steps are close to a simple ratio meet again and again: a few pools of
    // a hundred would move many keys without need.
    private static int slot(long seed, int place) {
        long a = seed & 0xffff;
        long b = 1 + ((seed >>> 16) & 0xffff);
        long c = (seed >>> 32) & 0xffff;
        return (int) ((b * cube(place + a) + c) % SLOTS);
    }

    private static long cube(long number) {
        long x = number % SLOTS;
        return x * x % SLOTS * x % SLOTS;
    }

    /** The slot that a key falls on: each one takes the same part of all hashes, but for a 2^30th. */
    static int slot(long key) {
        return (int) ((((key * Bits.GOLDEN) >>> 17) * SLOTS) >>> 47);
    }

    int owner(int slot) {
        return owners[slot];
    }
}
