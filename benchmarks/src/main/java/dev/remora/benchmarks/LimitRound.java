package dev.remora.benchmarks;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * One contender for some seconds.
 *
 * @param kind who
 * @param keys how many keys are asked for in turn
 * @param decisions how many decisions there were
 * @param commands how many commands were sent to Redis meanwhile
 * @param nanos for how long
 */
record LimitRound(LimitContender.Kind kind, int keys, long decisions, long commands, long nanos) {

    private static final int THREADS = 64;

    double perSecond() {
        return decisions * 1e9 / nanos;
    }

    double commandsPerDecision() {
        return (double) commands / decisions;
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%,6d keys  %-24s %,14.0f decisions/s  %.4f commands each",
                keys,
                kind.text(),
                perSecond(),
                commandsPerDecision());
    }

    static LimitRound run(LimitContender.Kind kind, String uri, int keys, Duration time) throws InterruptedException {
        try (LimitContender contender = kind.open(uri)) {
            LimitRound unused = measure(contender, kind, keys, time);
            return measure(contender, kind, keys, time);
        }
    }

    private static LimitRound measure(LimitContender contender, LimitContender.Kind kind, int keys, Duration time)
            throws InterruptedException {
        String[] names =
                IntStream.range(0, keys).mapToObj(i -> kind + "-key-" + i).toArray(String[]::new);
        LongAdder decisions = new LongAdder();
        CountDownLatch done = new CountDownLatch(THREADS);
        long commandsBefore = contender.commands();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        for (int t = 0; t < THREADS; t++) {
            int first = t * 31;
            Thread asker = new Thread(
                    () -> {
                        long asked = 0;
                        for (int next = first; System.nanoTime() - end < 0; next++) {
                            contender.ask(names[Integer.remainderUnsigned(next, keys)]);
                            asked++;
                        }
                        decisions.add(asked);
                        done.countDown();
                    },
                    "asker-" + t);
            asker.setDaemon(true);
            asker.start();
        }
        done.await();
        long nanos = System.nanoTime() - start;
        return new LimitRound(kind, keys, decisions.sum(), contender.commands() - commandsBefore, nanos);
    }
}
