package dev.remora;

import java.util.concurrent.ThreadLocalRandom;

/** Chance from the random source of each thread. */
final class ThreadRandom {

    private ThreadRandom() {}

    static int below(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }
}
