package dev.remora.strategy;

import dev.remora.pool.Backend;
import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A pool whose members come, go, change their weights and are listed in another order. */
final class HashPool {

    private final List<Member> members = new ArrayList<>();
    private long version;
    private int named;

    static HashPool of(double... weights) {
        HashPool pool = new HashPool();
        for (double weight : weights) {
            pool.add(weight);
        }
        return pool;
    }

    static HashPool equal(int size) {
        HashPool pool = new HashPool();
        for (int i = 0; i < size; i++) {
            pool.add(1);
        }
        return pool;
    }

    HashPool add(double weight) {
        named++;
        members.add(new Member(Backend.of("10.1." + named / 100 + "." + named % 100, "http://127.0.0.1:9000"), weight));
        return this;
    }

    HashPool remove(int index) {
        members.remove(index);
        return this;
    }

    HashPool weigh(int index, double weight) {
        members.set(index, new Member(members.get(index).backend, weight));
        return this;
    }

    HashPool shuffle(Random random) {
        Collections.shuffle(members, random);
        return this;
    }

    int size() {
        return members.size();
    }

    Snapshot snapshot() {
        return new Snapshot(++version, List.copyOf(members));
    }

    /** One step of a random walk. */
    void step(Random random) {
        double weight = 1 + random.nextInt(8) + random.nextDouble();
        switch (random.nextInt(5)) {
            case 0 -> add(weight);
            case 1 -> remove(random);
            case 2 -> shuffle(random);
            default -> {
                if (size() > 0) {
                    weigh(random.nextInt(size()), weight);
                }
            }
        }
    }

    private void remove(Random random) {
        if (size() > 0) {
            remove(random.nextInt(size()));
        }
    }

    private record Member(Backend backend, double weight) implements Node {

        @Override
        public int openStreams() {
            return 0;
        }

        @Override
        public int waitingStreams() {
            return 0;
        }

        @Override
        public double load() {
            return 0;
        }

        @Override
        public long firstByteNanos(long nowNanos) {
            return 0;
        }

        @Override
        public double errorPenalty(long nowNanos) {
            return 1;
        }
    }
}
