package dev.remora.strategy;

import dev.remora.pool.Snapshot;
import java.util.Objects;

/**
 * Consistent hashing of the request's affinity key, as a table of slots that were given out by weighted rendezvous
 * hashing (Thaler and Ravishankar, 1998). A pick is one look into the table, however many back ends there are.
 *
 * <p>The table depends on nothing but the back ends' ids and weights: every gateway that knows the same back ends makes
 * the same choice, whatever order it knows them in and whoever was there before. A back end that leaves moves its own
 * keys only, one that joins takes keys only for itself; more weight only takes keys, less weight only gives some. A slot
 * whose owner cannot serve falls to the back end that would own it if the owner were gone, so that failing and then being
 * removed moves a key once.
 *
 * <p>Immutable and thread-safe; each method returns a changed copy.
 */
public final class ConsistentHash implements Strategy {

    private static final int MAX_SLOTS = 1 << 24;
    private static final int DEFAULT_SLOTS = 1 << 16;
    private static final int DEFAULT_SLOTS_PER_BACKEND = 256;
    private static final int BY_SIZE = 0;

    static final ConsistentHash DEFAULT = new ConsistentHash(BY_SIZE, Strategy.powerOfTwoChoices());

    private final int slots;
    private final Strategy withoutKey;

    private ConsistentHash(int slots, Strategy withoutKey) {
        this.slots = slots;
        this.withoutKey = withoutKey;
    }

    /**
     * Fixes the number of slots. By default there are 65,536, doubled until there are at least 256 for each back end on
     * average. When the pool grows beyond such a limit (256 back ends, 512, ...) or shrinks below it, more keys move than
     * need to; a fixed number avoids that. Shares follow the weights with a relative standard deviation of about the
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
        return new ConsistentHash(newSlots, withoutKey);
    }

    /**
     * Sets the strategy that serves the requests for which the affinity rule yields no key. The default is
     * {@link Strategy#powerOfTwoChoices()}.
     */
    public ConsistentHash withoutKey(Strategy newWithoutKey) {
        return new ConsistentHash(slots, Objects.requireNonNull(newWithoutKey, "withoutKey"));
    }

    @Override
    public Picker picker(Snapshot snapshot) {
        return picker(new Contenders(snapshot), withoutKey.picker(snapshot));
    }

    @Override
    public Picker updated(Picker before, Snapshot snapshot) {
        Contenders contenders = new Contenders(snapshot);
        Picker unkeyed = KeyedPicker.withoutKey(withoutKey, before, snapshot);
        return before instanceof SlotPicker old && fits(old.table(), contenders)
                ? new SlotPicker(old.table().updated(contenders), unkeyed)
                : picker(contenders, unkeyed);
    }

    private boolean fits(SlotTable table, Contenders contenders) {
        return contenders.size() > 0 && table.slots() == slotsFor(contenders.size());
    }

    private Picker picker(Contenders contenders, Picker unkeyed) {
        int size = contenders.size();
        return size == 0 ? new EmptyPool(unkeyed) : new SlotPicker(SlotTable.of(contenders, slotsFor(size)), unkeyed);
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
