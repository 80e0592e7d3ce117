package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.exchange.StreamKind;
import dev.remora.health.HealthTracker.Verdict;
import dev.remora.health.StallRule;

/**
 * Notes when streams move, and finds those that have stalled. Nothing is done to a stream that has: it may go on.
 *
 * <p>Whether adapters tell what flows is not known before the first of them does: until then no silence means anything.
 */
final class StallWatch {

    // Pieces that arrive together are no rhythm: 1 ms.
    private static final long ONE_BURST_NANOS = 1_000_000;

    private final StallRule rule;
    private final long floorNanos;
    private final OpenStreams streams;
    private final NanoClock clock;

    // Set once, by whoever is first.
    private volatile boolean told;

    StallWatch(StallRule rule, OpenStreams streams, NanoClock clock) {
        this.rule = rule;
        this.floorNanos = rule.floor().toNanos();
        this.streams = streams;
        this.clock = clock;
    }

    /** A response has begun. Connections that go both ways are silent by nature. */
    void began(StreamLease lease, StreamKind kind, long nowNanos) {
        if (kind != StreamKind.DUPLEX) {
            lease.follow(new StreamActivity(nowNanos));
            streams.add(lease);
        }
    }

    /** A piece of a stream has been relayed. */
    void moved(StreamLease lease, StreamActivity activity) {
        if (!told) {
            told = true;
        }
        long gap = activity.move(clock.nanos());
        if (gap > ONE_BURST_NANOS) {
            // One stream that hung for an hour does not make an hour usual.
            lease.node.health().pace().add(Math.min(gap, floorNanos));
        }
        if (activity.endStall()) {
            lease.node.health().recovered();
        }
    }

    /** The client of a stream takes nothing, or takes again. */
    void paused(StreamActivity activity, boolean paused) {
        activity.pause(paused, clock.nanos());
    }

    /** Tells the back ends of the streams that have stalled since the last look. */
    void look(long nowNanos) {
        if (told) {
            streams.forEach(lease -> look(lease, nowNanos));
        }
    }

    private void look(StreamLease lease, long nowNanos) {
        StreamActivity activity = lease.activity();
        if (activity == null || activity.hasStalled() || lease.resumable()) {
            return;
        }
        long silence = activity.silentNanos(nowNanos);
        double usual = rule.gaps() * lease.node.health().pace().usualNanos();
        boolean stalled = silence > floorNanos && silence > usual && silence > 2 * activity.longestSilenceNanos();
        // Who ends the stream at this moment judges it, and then it is not judged again.
        if (stalled && lease.judge(Verdict.GOOD, Verdict.BAD)) {
            activity.beginStall();
            lease.node.health().stalled(nowNanos);
        }
    }
}
