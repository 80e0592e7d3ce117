package dev.remora.redis;

import java.util.concurrent.atomic.LongAdder;

/** What {@link LimiterStats} tells. */
final class LimiterCounts {
    final LongAdder questions = new LongAdder();
    final LongAdder grants = new LongAdder();
    final LongAdder denials = new LongAdder();
    final LongAdder unanswered = new LongAdder();
    final LongAdder degraded = new LongAdder();
    final LongAdder pushes = new LongAdder();
    final LongAdder dropped = new LongAdder();
}
