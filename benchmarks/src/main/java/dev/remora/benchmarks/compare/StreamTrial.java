package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Balancer;
import dev.remora.benchmarks.peer.Chooser;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Keys;
import dev.remora.benchmarks.peer.Member;
import dev.remora.benchmarks.peer.OpenStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Whether a contender knows of a stream for as long as it is open.
 *
 * <p>Of two members, one gets 40 streams that stay open, the other none. Who knows of them avoids the first member. Each
 * question is asked of a pool of its own, so that one answer does not hide another.
 *
 * @param counted it avoids the busy member at all
 * @param afterRefresh it still does when the list came anew, with another member in between
 * @param afterReturn it still does when the busy member went from the list and came back
 * @param afterSilence it still does when nothing was heard of the streams for eleven minutes
 * @param released it does no more when the streams have ended
 */
record StreamTrial(boolean counted, boolean afterRefresh, boolean afterReturn, boolean afterSilence, boolean released) {

    private static final Keys KEYS = new Keys(1_000, 40);
    private static final List<Member> TWO = Member.first(2);
    private static final int STREAMS = 40;
    private static final int MOST_TRIES = 10_000;
    // Two draws of which one at least avoids the busy member give it a quarter at most; who does not know gives a half.
    private static final double AVOIDED = 0.37;
    private static final Duration SILENCE = Duration.ofMinutes(11);

    static StreamTrial of(Contender contender) {
        return new StreamTrial(
                avoids(contender, balancer -> balancer),
                avoids(contender, balancer -> change(balancer.change(Member.first(3)), TWO)),
                avoids(contender, balancer -> change(balancer.change(List.of(new Member(1))), TWO)),
                avoids(contender, balancer -> {
                    balancer.pass(SILENCE);
                    return balancer;
                }),
                forgetsWhatHasEnded(contender));
    }

    private static Balancer change(Balancer balancer, List<Member> members) {
        // A choice in between: some libraries look at the new list only then.
        balancer.chooser(KEYS);
        return balancer.change(members);
    }

    private static boolean avoids(Contender contender, UnaryOperator<Balancer> event) {
        Balancer balancer = contender.openWhole(TWO);
        List<OpenStream> streams = occupy(balancer.chooser(KEYS));
        try {
            balancer = event.apply(balancer);
            return shareOfBusy(contender, balancer) < AVOIDED;
        } finally {
            streams.forEach(OpenStream::end);
            balancer.close();
        }
    }

    private static boolean forgetsWhatHasEnded(Contender contender) {
        try (Balancer balancer = contender.openWhole(TWO)) {
            occupy(balancer.chooser(KEYS)).forEach(OpenStream::end);
            return shareOfBusy(contender, balancer) > AVOIDED;
        }
    }

    private static List<OpenStream> occupy(Chooser chooser) {
        List<OpenStream> busy = new ArrayList<>();
        List<OpenStream> others = new ArrayList<>();
        for (int i = 0; busy.size() < STREAMS; i++) {
            if (i == MOST_TRIES) {
                throw new IllegalStateException("streams on the first member: " + busy.size());
            }
            OpenStream stream = chooser.open(i % KEYS.size());
            (stream.member() == 0 ? busy : others).add(stream);
        }
        others.forEach(OpenStream::end);
        return busy;
    }

    private static double shareOfBusy(Contender contender, Balancer balancer) {
        Chooser chooser = balancer.chooser(KEYS);
        int busy = 0;
        for (int key = 0; key < KEYS.size(); key++) {
            busy += Choice.of(contender, chooser, key) == 0 ? 1 : 0;
        }
        return (double) busy / KEYS.size();
    }
}
