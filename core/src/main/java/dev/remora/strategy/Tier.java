package dev.remora.strategy;

import static dev.remora.strategy.Picker.NONE;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Some members of a snapshot, with a snapshot and a picker of their own. A pick from a part of the members allocates the
 * 24 bytes of its {@link TierContext}, unless the compiler sees that the picker does not keep it.
 */
final class Tier {

    private final int rank;
    private final int[] members;
    private final boolean whole;
    private final Picker picker;

    /**
     * Prepares picks among some members.
     *
     * @param rank tells this tier from the others, and is the same when the membership changes
     * @param members their places in the snapshot, in its order
     * @param before the tier of this rank in the membership before, if there was one
     */
    Tier(int rank, int[] members, Snapshot snapshot, Strategy within, @Nullable Tier before) {
        this.rank = rank;
        this.members = members;
        this.whole = members.length == snapshot.size();
        Snapshot own = whole ? snapshot : part(snapshot, members);
        this.picker = before == null ? within.picker(own) : within.updated(before.picker, own);
    }

    int rank() {
        return rank;
    }

    int size() {
        return members.length;
    }

    /** The place in the whole snapshot, or {@link Picker#NONE}. */
    int pick(PickContext context) {
        if (whole) {
            return picker.pick(context);
        }
        int place = picker.pick(new TierContext(context, members));
        return place == NONE ? NONE : members[place];
    }

    boolean holds(int index) {
        return Arrays.binarySearch(members, index) >= 0;
    }

    boolean keeps(PickContext context, int index) {
        return whole
                ? picker.keeps(context, index)
                : picker.keeps(new TierContext(context, members), Arrays.binarySearch(members, index));
    }

    int eligible(PickContext context) {
        int eligible = 0;
        for (int member : members) {
            eligible += context.eligible(member) ? 1 : 0;
        }
        return eligible;
    }

    private static Snapshot part(Snapshot snapshot, int[] members) {
        Node[] nodes = Arrays.stream(members).mapToObj(snapshot::node).toArray(Node[]::new);
        return new Snapshot(snapshot.version(), Arrays.asList(nodes), () -> load(nodes));
    }

    private static double load(Node[] nodes) {
        double load = 0;
        for (Node node : nodes) {
            load += node.load();
        }
        return load;
    }
}
