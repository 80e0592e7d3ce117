package dev.remora.strategy;

import dev.remora.pool.Snapshot;
import java.util.Objects;
import java.util.Optional;

/**
 * Consistent hashing of the request's affinity key, as a table of slots that were given out by weighted rendezvous
 * hashing (Thaler and Ravishankar, 1998). A pick is one look into the table, however many back ends there are.
 *
 * <p>The table depends on nothing but the back ends' ids and weights: every gateway that knows the same back ends makes
 * the same choice, whatever order it knows them in and whoever was there before. A back end that leaves moves its own
 * keys only, one that joins takes keys only for itself; more weight only takes keys, less weight only gives some. (All of
 * that while the number of slots stays, see {@link #slots}: with its default, for pools of up to 256 back ends.) A slot
 * whose owner cannot serve falls to the back end that would own it if the owner were gone, so that failing and then being
 * removed moves a key once.
 *
 * <p>With {@link #boundedLoad(double)} a back end that is too busy passes new clients on.
 *
 * <p>Immutable and thread-safe; each method returns a changed copy.
 */
public final class ConsistentHash implements Strategy {

    private static final int MAX_SLOTS = 1 << 24;
    private static final int DEFAULT_SLOTS = 1 << 16;
    private static final int DEFAULT_SLOTS_PER_BACKEND = 256;
    private static final int BY_SIZE = 0;

    static final ConsistentHash DEFAULT = new ConsistentHash(BY_SIZE, Strategy.powerOfTwoChoices(), Optional.empty());

    private final int slots;
    private final Strategy withoutKey;
    private final Optional<LoadBound> bound;

    private ConsistentHash(int slots, Strategy withoutKey, Optional<LoadBound> bound) {
        this.slots = slots;
        this.withoutKey = withoutKey;
        this.bound = bound;
    }

    /**
     * Fixes the number of slots. By default there are 65,536, doubled until there are at least 256 for each back end on
     * average. When the pool grows beyond such a limit (256 back ends, 512, ...) or shrinks below it, nearly all keys move;
     * fix the number if that may happen. Shares follow the weights with a relative standard deviation of about the
     * square root of {@code backends / (2 * slots)}: 3 % for 100 equal back ends and 65,536 slots.
     *
     * @param newSlots a power of two, 2 to 16,777,216; each takes 10 bytes; no fewer than back ends, of which there may
     *     be 65,536
     */
    public ConsistentHash slots(int newSlots) {
        if (newSlots < 2 || newSlots > MAX_SLOTS || Integer.bitCount(newSlots) != 1) {
            throw new IllegalArgumentException(
                    "slots: " + newSlots + " (expected: a power of two, 2 to " + MAX_SLOTS + ")");
        }
        return new ConsistentHash(newSlots, withoutKey, bound);
    }

    /**
     * Sets the strategy that serves the requests for which the affinity rule yields no key. The default is
     * {@link Strategy#powerOfTwoChoices()}.
     */
    public ConsistentHash withoutKey(Strategy newWithoutKey) {
        return new ConsistentHash(slots, Objects.requireNonNull(newWithoutKey, "withoutKey"), bound);
    }

    /**
     * Bounds the load of each back end, as {@link #boundedLoad(double, double)} does, with a hard factor of twice the
     * factor.
     *
     * @param factor at least 1; 1.25 is a good start
     */
    public ConsistentHash boundedLoad(double factor) {
        return boundedLoad(factor, 2 * factor);
    }

    /**
     * Bounds the load of each back end (Mirrokni, Thorup and Zadimoghaddam, 2018). A back end takes new clients while its
     * load is below {@code ceil(factor * (load of all + 1) * weight / weights of all that can serve)}. A key whose back end is not goes
     * to another one that is, in an order of its own, so that the keys of a busy back end spread over all others by
     * weight. Which keys move then depends on the load: gateways agree on them only if they see the same load.
     *
     * <p>Clients that are bound to a back end, by a cookie or a session map, stay while its load is below the cap by the
     * hard factor, or below 8. When no back end that can serve is below its cap, the key goes to the one it would have
     * without a bound.
     *
     * @param factor how much more than its share a back end may have for new clients: at least 1, finite. The smaller,
     *     the more even, and the more keys are away from home
     * @param hardFactor the same for clients that are bound: at least {@code factor};
     *     {@link Double#POSITIVE_INFINITY} to let them always stay
     */
    public ConsistentHash boundedLoad(double factor, double hardFactor) {
        return new ConsistentHash(slots, withoutKey, Optional.of(new LoadBound(factor, hardFactor)));
    }

    @Override
    public Picker picker(Snapshot snapshot) {
        return picker(Optional.empty(), withoutKey.picker(snapshot), snapshot);
    }

    @Override
    public Picker updated(Picker before, Snapshot snapshot) {
        Optional<SlotTable> table = before instanceof TablePicker old ? Optional.of(old.table()) : Optional.empty();
        return picker(table, KeyedPicker.withoutKey(withoutKey, before, snapshot), snapshot);
    }

    private Picker picker(Optional<SlotTable> before, Picker unkeyed, Snapshot snapshot) {
        if (snapshot.size() == 0) {
            return new EmptyPool(unkeyed);
        }
        Contenders contenders = new Contenders(snapshot);
        int wanted = slotsFor(contenders.size());
        SlotTable table = before.filter(old -> old.slots() == wanted)
                .map(old -> old.updated(contenders))
                .orElseGet(() -> SlotTable.of(contenders, wanted));
        return bound.isPresent()
                ? new BoundedLoad(table, unkeyed, bound.get(), snapshot)
                : new SlotPicker(table, unkeyed);
    }

    private int slotsFor(int backends) {
        if (slots != BY_SIZE) {
            return slots;
        }
        long wanted = (long) backends * DEFAULT_SLOTS_PER_BACKEND;
        int enough = DEFAULT_SLOTS;
        while (enough < wanted && enough < MAX_SLOTS) {
            enough *= 2;
        }
        return enough;
    }
}
