package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Balancer;
import dev.remora.benchmarks.peer.Chooser;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Member;
import dev.remora.benchmarks.peer.OpenStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * How evenly a contender shares requests out.
 *
 * <p>Where it looks at open streams, each request opens one, which ends when eight more for each member have begun.
 *
 * @param peakToMean what the busiest member got, in multiples of its share; 1 is perfect
 * @param idle how many members got nothing
 * @param picks how many requests were shared out
 */
record Spread(double peakToMean, int idle, int picks) {

    private static final int STREAMS_PER_MEMBER = 8;
    private static final int PICKS_TO_JUDGE_BY = 200;

    /** Shares requests out, fewer than wanted when the time is up before. */
    static Spread of(Contender contender, int size, int wanted, Duration patience) {
        long[] counts = new long[size];
        int picks = 0;
        try (Balancer balancer = contender.open(Member.first(size))) {
            Queue<OpenStream> open = new ArrayDeque<>();
            Chooser chooser = balancer.chooser(KeyChunks.get(0));
            Deadline deadline = Deadline.in(patience);
            while (picks < wanted && (picks % 64 != 0 || !deadline.over())) {
                int key = picks % KeyChunks.SIZE;
                if (key == 0 && picks > 0) {
                    chooser = balancer.chooser(KeyChunks.get(picks / KeyChunks.SIZE));
                }
                counts[choose(contender, chooser, key, open, size)]++;
                picks++;
            }
            open.forEach(OpenStream::end);
        }
        return of(counts, i -> contender.weight(new Member(i)));
    }

    /** Whether there were enough requests to say how even they spread. */
    boolean enough(int size) {
        return picks >= (long) PICKS_TO_JUDGE_BY * size;
    }

    static Spread of(long[] counts, IntUnaryOperator weights) {
        int picks = (int) Arrays.stream(counts).sum();
        int allWeights = IntStream.range(0, counts.length).map(weights).sum();
        double peak = IntStream.range(0, counts.length)
                .mapToDouble(i -> (double) counts[i] / weights.applyAsInt(i))
                .max()
                .orElse(0);
        int idle = (int) Arrays.stream(counts).filter(count -> count == 0).count();
        return new Spread(picks == 0 ? 0 : peak * allWeights / picks, idle, picks);
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
