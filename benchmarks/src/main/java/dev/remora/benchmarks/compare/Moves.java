package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Balancer;
import dev.remora.benchmarks.peer.Chooser;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Keys;
import dev.remora.benchmarks.peer.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How many keys change their member for no reason when the membership changes.
 *
 * @param onAdd of all keys, those that moved from one old member to another when one more came at the end of the list; 0
 *     is perfect
 * @param onRemove of all keys, those that moved though their member stayed when the middle one went; 0 is perfect
 * @param keys how many keys were looked at
 */
record Moves(double onAdd, double onRemove, int keys) {

    /** Made when they are needed, once. */
    private static final class Sample {
        private static final Keys KEYS = new Keys(200_000, 2);
    }

    /** Looks at keys, fewer than wanted when the time is up before. */
    static Moves of(Contender contender, int size, Duration patience) {
        Keys keys = Sample.KEYS;
        int wanted = keys.size();
        Duration third = patience.dividedBy(3);
        int[] before = new int[wanted];
        int[] more = new int[wanted];
        int[] fewer = new int[wanted];
        List<Member> all = Member.first(size);
        List<Member> rest = new ArrayList<>(all);
        rest.remove(size / 2);
        Balancer balancer = contender.open(all);
        try {
            int seen = members(contender, balancer, keys, before, wanted, third);
            balancer = balancer.change(rest);
            seen = members(contender, balancer, keys, fewer, seen, third);
            balancer.close();
            balancer = contender.open(all);
            balancer = balancer.change(Member.first(size + 1));
            seen = members(contender, balancer, keys, more, seen, third);
            return of(Arrays.copyOf(before, seen), more, fewer, size / 2, size);
        } finally {
            balancer.close();
        }
    }

    static Moves of(int[] before, int[] more, int[] fewer, int removed, int added) {
        int onAdd = 0;
        int onRemove = 0;
        for (int key = 0; key < before.length; key++) {
            onAdd += more[key] != before[key] && more[key] != added ? 1 : 0;
            onRemove += fewer[key] != before[key] && before[key] != removed ? 1 : 0;
        }
        double all = before.length;
        return new Moves(onAdd / all, onRemove / all, before.length);
    }

    // At least a few, so that there is something to say.
    private static int members(
            Contender contender, Balancer balancer, Keys keys, int[] into, int wanted, Duration patience) {
        Chooser chooser = balancer.chooser(keys);
        Deadline deadline = Deadline.in(patience);
        int key = 0;
        while (key < wanted && (key < 1_000 || key % 64 != 0 || !deadline.over())) {
            into[key] = Choice.of(contender, chooser, key);
            key++;
        }
        return key;
    }
}
