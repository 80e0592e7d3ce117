package dev.remora.strategy;

import java.util.Random;
import java.util.function.IntPredicate;

/** A pick as a test describes it, with chance of a fixed seed. */
final class FakeContext implements PickContext {

    private final Random random = new Random(42);
    IntPredicate eligible = index -> true;
    boolean keyed;
    long keyHash;

    int pickWith(Picker picker) {
        return picker.pick(this);
    }

    FakeContext key(long hash) {
        keyed = true;
        keyHash = hash;
        return this;
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
    public int random(int bound) {
        return random.nextInt(bound);
    }
}
