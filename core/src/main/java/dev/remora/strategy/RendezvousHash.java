package dev.remora.strategy;

import dev.remora.pool.Snapshot;
import java.nio.charset.StandardCharsets;

/**
 * Weighted rendezvous hashing: each member gets a score from the key's hash and its own id, and the eligible member with
 * the best score wins. Scores depend on nothing else, so every gateway agrees, and a member that goes moves its own keys
 * only. A pick looks at every member.
 */
final class RendezvousHash implements Picker {

    private static final double TWO_TO_MINUS_53 = 0x1.0p-53;

    private final Snapshot snapshot;
    private final Picker withoutKey;
    private final long[] seeds;

    RendezvousHash(Snapshot snapshot, Picker withoutKey) {
        this.snapshot = snapshot;
        this.withoutKey = withoutKey;
        this.seeds = snapshot.nodes().stream()
                .mapToLong(node -> seed(node.backend().id().value()))
                .toArray();
    }

    @Override
    public int pick(PickContext context) {
        if (!context.keyed()) {
            return withoutKey.pick(context);
        }
        long key = context.keyHash();
        int best = NONE;
        double bestScore = 0;
        for (int i = 0; i < seeds.length; i++) {
            double score = score(key, i);
            if ((best == NONE || score < bestScore) && context.eligible(i)) {
                best = i;
                bestScore = score;
            }
        }
        return best;
    }

    // Of exponentially distributed times with rate "weight", the shortest wins: each member in proportion to its
    // weight.
    // StrictMath, so that gateways on different machines agree to the last bit.
    private double score(long key, int index) {
        double uniform = ((mix(key ^ seeds[index]) >>> 11) + 0.5) * TWO_TO_MINUS_53;
        return -StrictMath.log(uniform) / snapshot.node(index).weight();
    }

    private static long seed(String id) {
        long h = 0xcbf29ce484222325L;
        for (byte b : id.getBytes(StandardCharsets.US_ASCII)) {
            h = (h ^ (b & 0xff)) * 0x100000001b3L;
        }
        return mix(h);
    }

    // The finalizer of MurmurHash3: every bit of the result depends on every bit of the input.
    private static long mix(long bits) {
        long h = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }
}
