package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Balancer;
import dev.remora.benchmarks.peer.Chooser;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Keys;
import dev.remora.benchmarks.peer.Member;
import dev.remora.benchmarks.peer.OpenStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * How evenly a contender shares requests out.
 *
 * <p>Where it looks at open streams, each request opens one, which ends when eight more for each member have begun.
 *
 * @param peakToMean what the busiest member got, in multiples of its share; 1 is perfect
 * @param idle how many members got nothing
 * @param picks how many requests were shared out
 */
record Spread(double peakToMean, int idle, long picks) {

    private static final int CHUNK = 1 << 16;
    private static final int STREAMS_PER_MEMBER = 8;

    /** Shares requests out, fewer than wanted when the time is up before. */
    static Spread of(Contender contender, int size, int wanted, Deadline deadline) {
        long[] counts = new long[size];
        long picks = 0;
        try (Balancer balancer = contender.open(Member.first(size))) {
            Queue<OpenStream> open = new ArrayDeque<>();
            for (int chunk = 0; picks < wanted && !deadline.over(); chunk++) {
                Keys keys = new Keys((int) Math.min(CHUNK, wanted - picks), chunk);
                Chooser chooser = balancer.chooser(keys);
                for (int key = 0; key < keys.size() && (key % 64 != 0 || !deadline.over()); key++) {
                    counts[choose(contender, chooser, key, open, size)]++;
                    picks++;
                }
            }
            open.forEach(OpenStream::end);
        }
        return of(counts);
    }

    static Spread of(long[] counts) {
        long picks = Arrays.stream(counts).sum();
        long peak = Arrays.stream(counts).max().orElse(0);
        int idle = (int) Arrays.stream(counts).filter(count -> count == 0).count();
        return new Spread((double) peak * counts.length / picks, idle, picks);
    }

    private static int choose(Contender contender, Chooser chooser, int key, Queue<OpenStream> open, int size) {
        if (!contender.kind().countsStreams()) {
            return Choice.of(contender, chooser, key);
        }
        OpenStream stream = chooser.open(key);
        open.add(stream);
        if (open.size() > STREAMS_PER_MEMBER * size) {
            open.remove().end();
        }
        return stream.member();
    }
}
