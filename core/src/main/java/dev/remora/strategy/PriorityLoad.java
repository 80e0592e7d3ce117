package dev.remora.strategy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shares the traffic among tiers by the part of their members that are eligible, as Envoy's priority levels do. A tier
 * takes all that the tiers before it leave, up to its capacity: its eligible part times the over-provisioning factor.
 * When all capacities together do not reach 1, they are scaled up to it.
 *
 * <p>A request with a key is sent by its key, not by chance: only the keys between the old bound and the new one change
 * their tier when a back end fails. Members are counted once in as many picks as there are members, by chance, so a pick
 * costs the same whatever the size of the pool, and no thread writes what others read each time.
 */
final class PriorityLoad implements TierRule {

    private static final double TWO_TO_MINUS_32 = 0x1.0p-32;
    private static final double ROUNDING = 1e-9;

    private final List<Tier> tiers;
    private final int members;
    private final double overProvisioning;
    private final long keySpread;

    // Written by whichever request counts, read by all. Two that count at once may overwrite each other: either is
    // right.
    private volatile @Nullable Count last;
    // Raised by who was sent to a tier in vain. The next request counts: that one may have tried all members there.
    private volatile boolean doubted;

    /**
     * Prepares the sharing; nothing is counted yet.
     *
     * @param tiers in their order, at least one
     * @param keySpread 64 bits, others for each kind of tiers, so that tiers within tiers do not
     *     divide the same keys in the same way
     */
    PriorityLoad(List<Tier> tiers, double overProvisioning, long keySpread) {
        this.tiers = tiers;
        this.members = tiers.stream().mapToInt(Tier::size).sum();
        this.overProvisioning = overProvisioning;
        this.keySpread = keySpread;
    }

    @Override
    public int tier(PickContext context) {
        long bits = context.randomBits();
        Count count = last;
        if (count == null || doubted || (Integer.toUnsignedLong((int) bits) * members) >>> 32 == 0) {
            count = count(context);
        }
        long chance = context.keyed() ? Bits.mix(context.keyHash() ^ keySpread) : bits;
        return count.tierAt((chance >>> 32) * TWO_TO_MINUS_32);
    }

    @Override
    public void foundNobody() {
        doubted = true;
    }

    private Count count(PickContext context) {
        doubted = false;
        int[] eligible = new int[tiers.size()];
        for (int i = 0; i < eligible.length; i++) {
            eligible[i] = tiers.get(i).eligible(context);
        }
        Count count = new Count(eligible, last);
        last = count;
        return count;
    }

    /** Who was eligible at one moment, and what follows from it. Immutable. */
    private final class Count {

        private final int[] eligible;
        // Where each tier's part of the traffic ends; the last one takes what is left.
        private final double[] ends;

        // A request that has tried members in vain sees too few. It changes nothing unless the next count agrees.
        Count(int[] eligible, @Nullable Count before) {
            this.eligible = eligible;
            this.ends = new double[eligible.length];
            double[] capacities = new double[eligible.length];
            double sum = 0;
            for (int i = 0; i < eligible.length; i++) {
                int most = before == null ? eligible[i] : Math.max(eligible[i], before.eligible[i]);
                capacities[i] =
                        Math.min(1, overProvisioning * most / tiers.get(i).size());
                sum += capacities[i];
            }
            double scale = sum > 0 ? Math.max(1, 1 / sum) : 0;
            double end = 0;
            for (int i = 0; i < ends.length; i++) {
                end += capacities[i] * scale;
                ends[i] = end > 1 - ROUNDING ? 1 : end;
            }
        }

        int tierAt(double part) {
            int tier = 0;
            while (tier < ends.length - 1 && part >= ends[tier]) {
                tier++;
            }
            return tier;
        }
    }
}
