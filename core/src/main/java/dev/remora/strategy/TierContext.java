package dev.remora.strategy;

import java.net.InetAddress;

/** A pick as the picker of one tier sees it: members are named by their places in the tier. */
final class TierContext implements PickContext {

    private final PickContext whole;
    private final int[] members;

    /**
     * Narrows a pick to some of the members.
     *
     * @param members for each place in the tier, the place in the whole snapshot
     */
    TierContext(PickContext whole, int[] members) {
        this.whole = whole;
        this.members = members;
    }

    @Override
    public boolean eligible(int index) {
        return whole.eligible(members[index]);
    }

    @Override
    public boolean keyed() {
        return whole.keyed();
    }

    @Override
    public long keyHash() {
        return whole.keyHash();
    }

    @Override
    public String key() {
        return whole.key();
    }

    @Override
    public InetAddress clientAddress() {
        return whole.clientAddress();
    }

    @Override
    public long randomBits() {
        return whole.randomBits();
    }

    @Override
    public long nanos() {
        return whole.nanos();
    }
}
