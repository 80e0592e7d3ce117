package dev.remora.benchmarks.peer;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.Snapshot;
import dev.remora.strategy.PickContext;
import dev.remora.strategy.Picker;
import java.net.InetAddress;
import java.util.concurrent.ThreadLocalRandom;

/** Asks a picker, and is the request that it picks for; owned by one thread. */
final class RemoraChooser implements Chooser, PickContext {

    private final Picker picker;
    private final CountingNode[] nodes;
    private final int[] ids;
    private final Keys keys;

    // Of the pick that is under way.
    private boolean keyed;
    private long keyHash;
    private int place;

    RemoraChooser(Picker picker, Snapshot snapshot, Keys keys) {
        this.picker = picker;
        this.nodes = snapshot.nodes().stream().map(CountingNode.class::cast).toArray(CountingNode[]::new);
        this.ids = new int[nodes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = nodes[i].id();
        }
        this.keys = keys;
    }

    @Override
    public int withoutKey() {
        keyed = false;
        return ids[picker.pick(this)];
    }

    @Override
    public int byHash(int key) {
        return ids[pick(keys.hash(key), key)];
    }

    @Override
    public int byText(int key) {
        return ids[pick(AffinityKey.of(keys.text(key)).hash(), key)];
    }

    @Override
    public OpenStream open(int key) {
        CountingNode node = nodes[pick(keys.hash(key), key)];
        node.enter();
        return OpenStream.of(node.id(), node::leave);
    }

    private int pick(long hash, int key) {
        keyed = true;
        keyHash = hash;
        place = key;
        return picker.pick(this);
    }

    @Override
    public boolean eligible(int index) {
        return true;
    }

    @Override
    public boolean keyed() {
        return keyed;
    }

    @Override
    public long keyHash() {
        return keyHash;
    }

    @Override
    public String key() {
        return keys.text(place);
    }

    @Override
    public InetAddress clientAddress() {
        return keys.address(place);
    }

    @Override
    public long randomBits() {
        return ThreadLocalRandom.current().nextLong();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }
}
