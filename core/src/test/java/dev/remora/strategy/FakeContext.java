package dev.remora.strategy;

import dev.remora.affinity.AffinityKey;
import java.net.InetAddress;
import java.util.Random;
import java.util.function.IntPredicate;

/** A pick as a test describes it, with chance of a fixed seed. */
final class FakeContext implements PickContext {

    private final Random random = new Random(42);
    IntPredicate eligible = index -> true;
    boolean keyed;
    long keyHash;
    String key = "";
    InetAddress clientAddress = InetAddress.getLoopbackAddress();
    long nanos;

    int pickWith(Picker picker) {
        return picker.pick(this);
    }

    FakeContext key(long hash) {
        keyed = true;
        keyHash = hash;
        return this;
    }

    FakeContext key(String text) {
        key = text;
        return key(AffinityKey.of(text).hash());
    }

    @Override
    public boolean eligible(int index) {
        return eligible.test(index);
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
        return key;
    }

    @Override
    public InetAddress clientAddress() {
        return clientAddress;
    }

    @Override
    public long randomBits() {
        return random.nextLong();
    }

    @Override
    public long nanos() {
        return nanos;
    }
}
